//! Starts the function screens with the pages that the program contains.

use bootstrap::environment;
use domain::live::SocketAddress;
use screens::{ScreensService, SignIn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let sockets: Option<SocketAddress> = environment::optional("LIVE_URL").map(|url| url.parse()).transpose()?;
    http_api::run(ScreensService::new(SignIn::from_environment()?, sockets.as_ref())?).await
}
