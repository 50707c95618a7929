//! Arguments of the command that serves the pages on this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// First port to try. If it is taken, the next free one is used.
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// Also serve on this address of this machine, for phones on the same network.
    #[arg(long, value_name = "ADDRESS", require_equals = true, value_parser = parse_lan)]
    pub(crate) lan: Option<IpAddr>,
    /// With --lan, also print the links for staff.
    #[arg(long, requires = "lan")]
    pub(crate) staff: bool,
}

fn parse_lan(value: &str) -> Result<IpAddr, String> {
    let address: IpAddr = value.parse().map_err(|_| "not an address such as 192.168.1.20".to_owned())?;
    let is_served_anyway = address == Ipv4Addr::LOCALHOST || address == Ipv6Addr::LOCALHOST;
    if address.is_unspecified() || address.is_multicast() || is_served_anyway {
        return Err("phones need the one address of this machine that they can reach".to_owned());
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::{Cli, Command};

    #[test]
    fn the_network_is_served_only_on_request_and_at_one_address() {
        let parse = |line: &[&str]| Cli::try_parse_from(["presso", "serve"].iter().chain(line));
        let Command::Serve(args) = parse(&[]).unwrap().command else { panic!("expected Serve") };
        assert_eq!((args.port, args.lan, args.staff), (8080, None, false));
        assert!(parse(&["--lan=192.168.1.20", "--staff"]).is_ok() && parse(&["--lan=fd00::1"]).is_ok());
        for line in [
            &["--lan"][..],
            &["--lan=0.0.0.0"],
            &["--lan=::"],
            &["--lan=127.0.0.1"],
            &["--lan=::1"],
            &["--lan=bar.local"],
            &["--staff"],
        ] {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line:?}");
        }
    }
}
