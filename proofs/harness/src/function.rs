//! The functions of the stack.

use std::collections::BTreeMap;

use client::Error;
use client::resources::Resources;

crate::named_enum! {
    Function {
        Validator = "Validator",
        OrderManager = "OrderManager",
        Config = "Config",
        Admission = "Admission",
        OrderProjector = "OrderProjector",
        ConfigChanged = "ConfigChanged",
        Sweeper = "Sweeper",
    }
}

impl Function {
    pub fn deployed_name(self, resources: &Resources) -> Result<&str, Error> {
        resources.required(self.as_str())
    }

    /// The name of every deployed function; an error if the stack lacks one.
    pub fn deployed_names(resources: &Resources) -> Result<BTreeMap<Self, String>, Error> {
        let name = |function: &Self| Ok((*function, function.deployed_name(resources)?.to_owned()));
        Self::ALL.iter().map(name).collect()
    }
}
