//! Reads memory, log configuration and the names of environment variables of the functions from
//! `template.yaml`.

use std::collections::BTreeMap;
use std::path::Path;

use client::Error;
use yaml_serde::Value;

#[derive(Debug)]
pub struct Template {
    resources: Value,
    globals: Value,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Function {
    /// Names of the variables that the template sets for this function.
    pub variables: Vec<String>,
    /// Variables that Lambda sets, with their values.
    pub environment: BTreeMap<String, String>,
}

impl Template {
    pub fn read(path: &Path) -> Result<Self, Error> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::failed(format!("{} cannot be read", path.display()), error)
        };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.into()))?;
        Self::parse(&text).map_err(|error| failed(error.into()))
    }

    fn parse(text: &str) -> Result<Self, yaml_serde::Error> {
        let template: Value = yaml_serde::from_str(text)?;
        Ok(Self { resources: at(&template, &["Resources"]), globals: at(&template, &["Globals", "Function"]) })
    }

    pub fn function(&self, binary: &str) -> Result<Function, Error> {
        let resources = self.resources.as_mapping().into_iter().flat_map(|resources| resources.values());
        let named = |function: &Value| at(function, &["Metadata", "BuildProperties", "Binary"]) == binary;
        let function = resources.into_iter().find(|resource| named(resource));
        let properties = function.map(|function| at(function, &["Properties"]));
        let properties = properties
            .ok_or_else(|| Error::Usage(format!("template.yaml has no function with the binary {binary}")))?;
        let variables = at(&properties, &["Environment", "Variables"]);
        let keys = variables.as_mapping().into_iter().flat_map(|variables| variables.keys());
        let environment = [
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &["MemorySize"][..]),
            ("AWS_LAMBDA_LOG_FORMAT", &["LoggingConfig", "LogFormat"]),
            ("AWS_LAMBDA_LOG_LEVEL", &["LoggingConfig", "ApplicationLogLevel"]),
        ];
        Ok(Function {
            variables: keys.filter_map(Value::as_str).map(str::to_owned).collect(),
            environment: environment
                .into_iter()
                .filter_map(|(name, path)| Some((name.to_owned(), self.setting(&properties, path)?)))
                .collect(),
        })
    }

    fn setting(&self, properties: &Value, path: &[&str]) -> Option<String> {
        [properties, &self.globals].into_iter().find_map(|level| match at(level, path) {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }
}

fn at(value: &Value, path: &[&str]) -> Value {
    path.iter().try_fold(value, |value, name| value.get(*name)).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "
Globals: { Function: { MemorySize: 256, LoggingConfig: { LogFormat: JSON, ApplicationLogLevel: INFO } } }
Resources:
  Table: { Type: AWS::DynamoDB::Table }
  Till:
    Metadata: { BuildProperties: { Binary: till } }
    Properties: { MemorySize: 512, Environment: { Variables: { BUS_NAME: !Ref Bus, CORS_ORIGIN: x } } }
";

    #[test]
    fn a_function_overrides_the_global_memory_and_inherits_the_log_format() {
        let till = Template::parse(TEMPLATE).unwrap().function("till").unwrap();
        assert_eq!(till.variables, ["BUS_NAME", "CORS_ORIGIN"]);
        assert_eq!(till.environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "512");
        assert_eq!(till.environment["AWS_LAMBDA_LOG_FORMAT"], "JSON");
        assert_eq!(till.environment["AWS_LAMBDA_LOG_LEVEL"], "INFO");
    }

    #[test]
    fn an_unknown_binary_is_an_error_that_names_it() {
        let error = Template::parse(TEMPLATE).unwrap().function("bar").unwrap_err().to_string();
        assert!(error.contains("bar"), "{error}");
    }
}
