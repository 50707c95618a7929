//! A stub on loopback for the AWS services that issue credentials, and for CloudFormation, which
//! requires them.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

use domain::shop::{Shop, ShopSettings};
use serde_json::json;

/// The expiration of valid credentials.
const LATER: &str = "2099-01-01T00:00:00Z";

/// A request as a stub sees it.
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Request {
    fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let path = line.split(' ').nth(1)?.to_owned();
        let mut headers = HashMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        Some(Self { path, headers, body: String::from_utf8_lossy(&body).into_owned() })
    }

    /// The id of the access key that signed the request.
    pub(crate) fn key(&self) -> String {
        let signature = self.headers.get("authorization").map(String::as_str).unwrap_or_default();
        let key = signature.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next());
        key.unwrap_or_default().to_owned()
    }

    /// The action of a query, or the path.
    fn action(&self) -> &str {
        let action = self.body.split('&').find_map(|part| part.strip_prefix("Action="));
        action.unwrap_or_else(|| self.path.split('?').next().unwrap_or_default())
    }
}

/// A stub that answers as CloudFormation, STS, the SSO services, a container agent and the bar.
pub(crate) struct Aws {
    pub(crate) url: String,
    /// Each call: action or path, and the id of the access key that signed it.
    pub(crate) calls: Arc<Mutex<Vec<(String, String)>>>,
}

impl Aws {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&calls);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                thread::spawn(move || serve(stream, &seen));
            }
        });
        Self { url, calls }
    }

    /// The id of the access key with which the stack was read.
    pub(crate) fn reader(&self) -> Option<String> {
        let calls = self.calls.lock().unwrap();
        calls.iter().find(|(action, _)| action == "DescribeStacks").map(|(_, key)| key.clone())
    }

    pub(crate) fn count(&self, action: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|(called, _)| called == action).count()
    }
}

fn serve(mut stream: TcpStream, seen: &Mutex<Vec<(String, String)>>) {
    let Some(request) = Request::read(&stream) else { return };
    seen.lock().unwrap().push((request.action().to_owned(), request.key()));
    let (status, kind, body) = answer(&request);
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n", body.len());
    stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes()).ok();
}

fn answer(request: &Request) -> (&'static str, &'static str, String) {
    let (xml, plain) = ("text/xml", "application/json");
    let token = request.headers.get("x-amz-sso_bearer_token").map(String::as_str);
    match request.action() {
        "DescribeStacks" if request.key() == "AKIDEXPIRED" => ("403 Forbidden", xml, refusal("ExpiredToken")),
        "DescribeStacks" => ("200 OK", xml, stack()),
        "AssumeRole" if request.body.contains("denied") => ("403 Forbidden", xml, refusal("AccessDenied")),
        "AssumeRole" if request.body.contains("mfa") && !request.body.contains("TokenCode=123456") => {
            ("403 Forbidden", xml, refusal("AccessDenied"))
        }
        "AssumeRole" => ("200 OK", xml, assumed("AssumeRole", "ASIAROLE")),
        "AssumeRoleWithWebIdentity" => ("200 OK", xml, assumed("AssumeRoleWithWebIdentity", "ASIAWEBIDENTITY")),
        "/federation/credentials" if token == Some("sso-token") => {
            let keys = json!({
                "accessKeyId": "ASIASSO", "secretAccessKey": "s", "sessionToken": "t", "expiration": 4_070_908_800_000_u64
            });
            ("200 OK", plain, json!({"roleCredentials": keys}).to_string())
        }
        "/federation/credentials" => {
            ("401 Unauthorized", plain, json!({"message": "Session token not found or invalid"}).to_string())
        }
        "/token" => {
            let token = json!({"accessToken": "sso-token", "expiresIn": 28_800, "tokenType": "Bearer"});
            ("200 OK", plain, token.to_string())
        }
        "/agent" => {
            let keys = json!({
                "AccessKeyId": "ASIACONTAINER", "SecretAccessKey": "s", "Token": "t", "Expiration": LATER
            });
            ("200 OK", plain, keys.to_string())
        }
        path if path.ends_with("/config") => {
            let shop = Shop { shop_id: "coffee-bar".parse().unwrap(), settings: ShopSettings::default() };
            ("200 OK", plain, serde_json::to_string(&shop).unwrap())
        }
        _ => ("404 Not Found", plain, "{}".to_owned()),
    }
}

fn refusal(code: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>refused</Message></Error></ErrorResponse>"
    )
}

fn assumed(action: &str, key: &str) -> String {
    format!(
        "<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{LATER}</Expiration>\
         </Credentials><AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/x/y</Arn>\
         <AssumedRoleId>A:y</AssumedRoleId></AssumedRoleUser></{action}Result></{action}Response>"
    )
}

fn stack() -> String {
    let outputs = [
        ("ApiUrl", "https://abc.execute-api.us-east-1.amazonaws.com/v1"),
        ("BusName", "bus"),
        ("OrderProcessorArn", "arn:aws:states:us-east-1:1:stateMachine:m"),
        ("OrdersTable", "orders"),
        ("ShopTable", "shop"),
        ("BucketsTable", "buckets"),
        ("SweeperFunction", "sweeper"),
        ("UserPoolClientId", "client"),
    ];
    let member =
        |(key, value)| format!("<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>");
    let outputs: String = outputs.map(member).concat();
    format!(
        "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>serverlesspresso</StackName>\
         <StackId>arn:aws:cloudformation:us-east-1:111122223333:stack/serverlesspresso/a</StackId>\
         <CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>\
         <Outputs>{outputs}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
    )
}

/// A home folder whose owner runs `presso menu`, which reads the stack and then the bar.
pub(crate) struct Home {
    pub(crate) aws: Aws,
    folder: PathBuf,
    variables: Vec<(String, String)>,
}

impl Home {
    /// A home with this `~/.aws/config`.
    pub(crate) fn with_config(config: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("presso-home-{:016x}", fastrand::u64(..)));
        let home = Self { aws: Aws::start(), folder, variables: Vec::new() };
        home.file(".aws/config", config);
        home
    }

    /// Writes a file of the home folder, and returns its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Sets an environment variable of `presso`. An empty value removes the variable.
    #[must_use]
    pub(crate) fn set(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        self.variables.push((name.to_owned(), value.as_ref().to_str().unwrap().to_owned()));
        self
    }

    /// Runs `presso menu --json`.
    pub(crate) fn presso(&self) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_presso"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", &self.folder)
            .env("AWS_ENDPOINT_URL", &self.aws.url)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("NO_COLOR", "1");
        for (name, value) in &self.variables {
            if value.is_empty() {
                command.env_remove(name)
            } else {
                command.env(name, value)
            };
        }
        command.args(["menu", "--json"]).output().unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}
