//! The host names and addresses at which this program serves the pages.

use std::net::{IpAddr, SocketAddr};

/// Loopback names. On a phone, they name the phone.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The addresses of the pages, and the values of `Host` that name them.
#[derive(Debug, Clone)]
pub(super) struct Hosts {
    port: u16,
    lan: Option<IpAddr>,
}

impl Hosts {
    pub(super) const fn new(port: u16, lan: Option<IpAddr>) -> Self {
        Self { port, lan }
    }

    /// Returns the address of the pages: that of `--lan` if it was given, otherwise localhost.
    pub(super) fn url(&self) -> String {
        let host = self.lan.map_or_else(|| format!("localhost:{}", self.port), |lan| self.on_the_network(lan));
        format!("http://{host}")
    }

    /// Returns true if a request to `host` is for this program. This prevents DNS rebinding: a
    /// foreign page whose name resolves to this machine sends another `Host`.
    pub(super) fn allows(&self, host: &str) -> bool {
        self.is_loopback(host) || self.lan.is_some_and(|lan| self.is(host, &self.on_the_network(lan)))
    }

    /// Returns the address that phones reach, if `--lan` was given and `host` is a loopback name.
    /// Phones do not reach this machine by a loopback name.
    pub(super) fn moved(&self, host: &str) -> Option<String> {
        (self.lan.is_some() && self.is_loopback(host)).then(|| self.url())
    }

    fn is_loopback(&self, host: &str) -> bool {
        LOOPBACK.iter().any(|name| self.is(host, &format!("{name}:{}", self.port)))
    }

    /// Compares host names with ports. A browser leaves out the port 80.
    fn is(&self, host: &str, name: &str) -> bool {
        let without_port = name.strip_suffix(":80").filter(|_| self.port == 80);
        host.eq_ignore_ascii_case(name) || without_port.is_some_and(|name| host.eq_ignore_ascii_case(name))
    }

    fn on_the_network(&self, lan: IpAddr) -> String {
        SocketAddr::new(lan, self.port).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAN: &str = "192.168.1.20";

    #[test]
    fn a_request_to_another_host_is_not_for_this_program() {
        let (here, network) = (Hosts::new(8080, None), Hosts::new(8080, LAN.parse().ok()));
        for host in ["localhost:8080", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080"] {
            assert!(here.allows(host) && network.allows(host), "{host}");
        }
        assert!(network.allows("192.168.1.20:8080") && !here.allows("192.168.1.20:8080"));
        for host in
            ["", "localhost", "localhost:8081", "evil.example", "evil.example:8080", "localhost:8080.evil.example"]
        {
            assert!(!here.allows(host) && !network.allows(host), "{host}");
        }
        assert!(Hosts::new(80, None).allows("localhost") && Hosts::new(80, None).allows("localhost:80"));
    }

    #[test]
    fn on_a_network_the_pages_have_the_address_that_phones_reach() {
        assert_eq!(Hosts::new(8081, None).url(), "http://localhost:8081");
        assert_eq!(Hosts::new(8080, None).moved("localhost:8080"), None);
        let network = Hosts::new(8080, LAN.parse().ok());
        assert_eq!(network.url(), "http://192.168.1.20:8080");
        assert_eq!(network.moved("localhost:8080"), Some(network.url()));
        assert_eq!(network.moved("192.168.1.20:8080"), None);
        assert_eq!(Hosts::new(8080, "fd00::1".parse().ok()).url(), "http://[fd00::1]:8080");
    }
}
