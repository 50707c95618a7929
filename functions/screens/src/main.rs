//! Starts the function screens with the pages that the program contains.

use screens::{ScreensService, SignIn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    http_api::run(ScreensService::new(SignIn::from_environment()?)?).await
}
