//! Runs tests that use one code from beginning to end. A window, and so its code, ends every five
//! minutes.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use domain::qr_code::Window;
use domain::timestamp::Timestamp;
use end_to_end::TestVenue;
use end_to_end::venue::answered;
use futures::FutureExt;

/// Time within which such a test usually completes.
const SLACK: Duration = Duration::from_secs(30);

async fn end_of_window(venue: &TestVenue) -> Timestamp {
    answered(venue.admin.qr_code(&venue.shop_id).await).expires_at
}

/// Runs `test` in one window. If the test fails after the window has ended, its failure proves
/// nothing, and it runs again in another shop of the same stack.
pub(crate) async fn in_one_window<F: Future<Output = ()>>(venue: TestVenue, test: fn(TestVenue) -> F) {
    let mut shop = venue.clone();
    loop {
        let now = bootstrap::now();
        let left = Window::at(now).ends_at().since(now);
        if left < SLACK {
            tokio::time::sleep(left).await;
        }
        let end = end_of_window(&shop).await;
        let result = AssertUnwindSafe(test(shop.clone())).catch_unwind().await;
        let same_window = end_of_window(&shop).await == end;
        if shop.shop_id != venue.shop_id {
            shop.remove().await;
        }
        match result {
            Ok(()) => return,
            Err(panic) if same_window => resume_unwind(panic),
            Err(_) => shop = venue.another().await,
        }
    }
}
