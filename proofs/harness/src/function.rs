//! Lists the functions that the proofs change or observe, by logical id, and finds their deployed
//! names.

use std::collections::BTreeMap;

use client::{Error, Resources, Stack};

crate::named_enum! {
    Function {
        Validator = "Validator",
        OrderManager = "OrderManager",
        Config = "Config",
        Admission = "Admission",
        OrderProjector = "OrderProjector",
        ConfigChanged = "ConfigChanged",
        Sweeper = "Sweeper",
        Live = "Live",
        Publisher = "Publisher",
    }
}

impl Function {
    pub fn deployed_name(self, resources: &Resources) -> Result<&str, Error> {
        resources.required(self.as_str())
    }

    /// Returns true for the functions of realtime. A stack without realtime lacks them.
    pub const fn is_of_realtime(self) -> bool {
        matches!(self, Self::Live | Self::Publisher)
    }

    pub fn deployed_names(resources: &Resources) -> Result<BTreeMap<Self, String>, Error> {
        let is_deployed = |function: &&Self| !function.is_of_realtime() || resources.get(function.as_str()).is_some();
        let name = |function: &Self| Ok((*function, function.deployed_name(resources)?.to_owned()));
        Self::ALL.iter().filter(is_deployed).map(name).collect()
    }

    pub async fn arn(self, stack: &Stack, resources: &Resources) -> Result<String, Error> {
        let lambda = aws_sdk_lambda::Client::new(&stack.aws);
        let look = lambda.get_function_configuration().function_name(self.deployed_name(resources)?).send().await;
        let found = look.map_err(|error| Error::failed(format!("{} cannot be read", self.as_str()), error))?;
        Ok(found.function_arn.unwrap_or_default())
    }
}
