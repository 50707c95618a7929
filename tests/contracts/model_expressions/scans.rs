//! Scans: taking a place in a bucket, and replacing it.

use super::*;

fn bucket_of(case_number: usize) -> BucketId {
    BucketId { shop_id: shop_id(case_number), code_version: 0, window: Window::at(Timestamp::from_millis(0)) }
}

/// Writes a bucket with these places.
async fn put_bucket(tables: &Tables, bucket: &BucketId, places: &BTreeMap<UserId, Place>) {
    let mut item = texts(&[("eventId", bucket.partition().as_str())]);
    item.insert("window".into(), number(bucket.window.number()));
    item.insert("taken".into(), number(places.len() as u64));
    item.extend(places.iter().map(|(user_id, place)| (place_name(user_id), write_place(*place))));
    tables.put(&tables.buckets, item).await;
}

/// Reads the places of these customers, and the number of places.
async fn places_in(table: &BucketsTable, bucket: &BucketId, users: &[UserId]) -> (Vec<Option<Place>>, u32) {
    let mut places = Vec::new();
    for user_id in users {
        places.push(table.place(bucket, user_id).await.unwrap().map(|(place, _)| place));
    }
    (places, table.taken(bucket).await.unwrap())
}

async fn taken(tables: Arc<Tables>, case_number: usize, case: cases::TokenTake) -> Result<(), String> {
    let bucket = bucket_of(case_number);
    if !case.places.is_empty() {
        put_bucket(&tables, &bucket, &case.places).await;
    }
    let table = BucketsTable::new(tables.client.clone(), tables.buckets.clone());
    let now = Timestamp::from_millis(0);
    let take = table.take(&bucket, &case.user_id, case.capacity, now).await.unwrap();
    same("the result", &case, &take, &case.take)?;
    let mut expected = case.places.clone();
    bucket::take(&mut expected, &case.user_id, case.capacity, now);
    let users: Vec<UserId> = expected.keys().cloned().chain([case.user_id.clone()]).collect();
    let places = users.iter().map(|user_id| expected.get(user_id).copied()).collect();
    let count = u32::try_from(expected.len()).unwrap();
    same("the places", &case, &places_in(&table, &bucket, &users).await, &(places, count))
}

/// Returns the case with one more token. The scan of a customer who has a place must not take it.
fn with_a_token_left(case: &cases::TokenTake) -> cases::TokenTake {
    let capacity = case.capacity + 1;
    let take = bucket::take(&mut case.places.clone(), &case.user_id, capacity, Timestamp::from_millis(0));
    cases::TokenTake { capacity, take, ..case.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scan_takes_a_token_or_none_as_in_the_model() {
    let met = explored().iter().flat_map(|explored| explored.cases.takes());
    check("scans", met.flat_map(|case| [with_a_token_left(&case), case]).collect(), taken).await;
}

/// A case has the place that the bucket holds, the one that the scan has read, and the new one.
async fn replaced(tables: Arc<Tables>, case_number: usize, case: (Option<Place>, Place, Place)) -> Result<(), String> {
    let (held, from, to) = case;
    let (bucket, user_id): (_, UserId) = (bucket_of(case_number), "anna".parse().unwrap());
    let mut places: BTreeMap<UserId, Place> = held.into_iter().map(|place| (user_id.clone(), place)).collect();
    places.insert("bert".parse().unwrap(), from);
    put_bucket(&tables, &bucket, &places).await;
    let table = BucketsTable::new(tables.client.clone(), tables.buckets.clone());
    let replaced = table.replace(&bucket, &user_id, from, to).await.unwrap();
    same("the result", &case, &replaced, &bucket::replace(&mut places, &user_id, from, to))?;
    let users: Vec<UserId> = ["anna", "bert"].map(|name| name.parse().unwrap()).to_vec();
    let expected = users.iter().map(|user_id| places.get(user_id).copied()).collect();
    let count = 1 + u32::from(held.is_some());
    same("the places", &case, &places_in(&table, &bucket, &users).await, &(expected, count))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_repeated_scan_replaces_a_place_once_as_in_the_model() {
    let met: HashSet<_> = explored().iter().flat_map(|explored| explored.cases.replacements()).collect();
    let cases = met.into_iter().flat_map(|(from, to)| {
        let older = Place { asked_at: Timestamp::from_millis(from.asked_at.as_millis() - 1), ..from };
        [Some(from), Some(to), Some(older), None].map(|held| (held, from, to))
    });
    check("repeated scans", cases.collect::<HashSet<_>>().into_iter().collect(), replaced).await;
}
