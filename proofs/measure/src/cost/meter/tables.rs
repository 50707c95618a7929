//! Reads the keys and indexes of the deployed tables.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeySchemaElement;
use client::{Error, Stack};

use crate::cost::units::Index;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) logical: String,
    pub(super) keys: Vec<String>,
    pub(super) indexes: Vec<Index>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Tables(HashMap<String, Table>);

impl Tables {
    pub(super) async fn read(stack: &Stack) -> Result<Self, Error> {
        let client = aws_sdk_dynamodb::Client::new(&stack.aws);
        let mut tables = HashMap::new();
        let core = [
            ("OrdersTable", &stack.orders_table),
            ("ShopTable", &stack.shop_table),
            ("BucketsTable", &stack.buckets_table),
        ];
        let connections = stack.connections_table.as_ref().map(|name| ("ConnectionsTable", name));
        for (logical, name) in core.into_iter().chain(connections) {
            let answer = client.describe_table().table_name(name).send().await;
            let answer = answer.map_err(|error| Error::failed(format!("the table {name} cannot be read"), error))?;
            let table = answer.table().ok_or_else(|| Error::Unexpected(format!("there is no table {name}")))?;
            let keys = names(table.key_schema());
            let indexes = table.global_secondary_indexes().iter().map(|index| Index {
                name: index.index_name().unwrap_or_default().to_owned(),
                keys: names(index.key_schema()).into_iter().chain(keys.clone()).collect(),
                projected: index.projection().map(|one| one.non_key_attributes().to_vec()).unwrap_or_default(),
            });
            let indexes = indexes.collect();
            tables.insert(name.clone(), Table { logical: logical.to_owned(), keys, indexes });
        }
        Ok(Self(tables))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Table> {
        self.0.get(name)
    }

    #[cfg(test)]
    pub(super) fn with(name: &str, table: Table) -> Self {
        Self(HashMap::from([(name.to_owned(), table)]))
    }
}

fn names(schema: &[KeySchemaElement]) -> Vec<String> {
    schema.iter().map(|element| element.attribute_name().to_owned()).collect()
}
