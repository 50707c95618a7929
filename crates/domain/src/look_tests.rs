use super::*;

/// PNG image of one pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

fn parse(content_type: LogoType, file: &[u8]) -> Result<Logo, InvalidLogo> {
    LogoDraft { content_type, data: BASE64.encode(file) }.parse()
}

fn svg(inner: &str) -> Result<Logo, InvalidLogo> {
    parse(
        LogoType::Svg,
        format!("<svg xmlns='{SVG}' xmlns:xlink='http://www.w3.org/1999/xlink'>{inner}</svg>").as_bytes(),
    )
}

#[test]
fn a_colour_has_six_hexadecimal_digits() {
    for colour in ["#0b6b43", "#FFFFFF", "#aAbBcC"] {
        assert_eq!(String::from(colour.parse::<Colour>().unwrap()), colour);
    }
    for other in ["", "#", "0b6b43", "#fff", "#0b6b4", "#0b6b433", "#0b6b4g", "red", "#0b6b43;x", "#0b6b4\u{663}"] {
        assert_eq!(other.parse::<Colour>(), Err(InvalidColour), "{other}");
    }
}

#[test]
fn an_svg_image_without_external_parts_is_a_logo() {
    for inner in [
        "<path d='M0 0h8' fill='#000'/>",
        "<style>.a{fill:red}</style><linearGradient id='g'/><rect fill='url(#g)' style='stroke: url( \"#g\" )'/>",
        "<defs><g id='a'/></defs><use href='#a'/><use xlink:href='#a'/>",
        "<image href='data:image/png;base64,AAAA'/>",
        "<text>Bar &amp; more, #1</text>",
        "<title>url(https://a.example)</title><desc>C:\\art\\logo</desc>",
        "<path data-name='C:\\art' aria-label='a\\b'/>",
        "<style><![CDATA[.a{fill:red}]]></style>",
        "<s:namedview xmlns:s='http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd' \
         xmlns:i='http://www.inkscape.org/namespaces/inkscape' s:docname='C:\\logo.svg'><i:grid type='xygrid'/></s:namedview>",
        "<metadata><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:c='http://creativecommons.org/ns#' \
         xmlns:d='http://purl.org/dc/elements/1.1/'><c:Work r:about=''><d:title>C:\\logo</d:title></c:Work></r:RDF></metadata>",
    ] {
        assert!(svg(inner).is_ok(), "{inner}: {:?}", svg(inner));
    }
}

#[test]
fn an_svg_image_with_a_script_an_animation_an_external_part_or_an_unknown_element_is_refused() {
    for inner in [
        "<script>alert(1)</script>",
        "<g><script href='data:text/javascript,1'/></g>",
        "<path onload='alert(1)'/>",
        "<path ONclick='alert(1)'/>",
        "<a href='javascript:alert(1)'><path/></a>",
        "<image href='https://evil.example/x.png'/>",
        "<image xlink:href='//evil.example/x.png'/>",
        "<image href='data:image/svg+xml;base64,AAAA'/>",
        "<use href='other.svg#a'/>",
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>",
        "<p xmlns='http://www.w3.org/1999/xhtml'>x</p>",
        "<animate attributeName='href' to='javascript:alert(1)'/>",
        "<animateMotion/>",
        "<set attributeName='href' to='x'/>",
        "<style>@import 'https://evil.example/x.css'</style>",
        "<style>.a{fill:url(https://evil.example/x)}</style>",
        "<style>.a{fill:\\75rl(https://evil.example/x)}</style>",
        "<style><![CDATA[.a{fill:url(https://evil.example/x)}]]></style>",
        "<style><g>@import 'https://evil.example/x.css'</g></style>",
        "<rect style='fill:\\75rl(https://evil.example/x)'/>",
        "<g xml:base='https://evil.example/'><use href='#a'/></g>",
        "<metadata><p xmlns='http://www.w3.org/1999/xhtml'>x</p></metadata>",
        "<e:x xmlns:e='http://example.com/unknown'/>",
        "<i:x xmlns:i='http://www.inkscape.org/namespaces/inkscape'><script/></i:x>",
        "<rect fill='URL( \"https://evil.example/x\")'/>",
        "<?xml-stylesheet href='https://evil.example/x.css'?>",
    ] {
        assert!(matches!(svg(inner), Err(InvalidLogo::Refused(_))), "{inner}: {:?}", svg(inner));
    }
    let styled = format!("<?xml-stylesheet href='x.css'?><svg xmlns='{SVG}'/>");
    assert!(matches!(parse(LogoType::Svg, styled.as_bytes()), Err(InvalidLogo::Refused(_))));
}

#[test]
fn a_file_that_is_no_svg_image_or_has_a_document_type_is_refused() {
    let bomb = format!("<!DOCTYPE svg [<!ENTITY a \"aaaa\">]><svg xmlns='{SVG}'>&a;</svg>");
    for file in ["x", "<svg/>", "<html xmlns='http://www.w3.org/1999/xhtml'/>", "<svg xmlns='x'>", &bomb] {
        assert!(matches!(parse(LogoType::Svg, file.as_bytes()), Err(InvalidLogo::Svg(_))), "{file}");
    }
    assert!(matches!(parse(LogoType::Svg, PNG), Err(InvalidLogo::Svg(_))));
}

#[test]
fn a_png_image_is_embedded_in_an_svg_image_of_its_size() {
    let logo = parse(LogoType::Png, PNG).unwrap();
    assert!(logo.svg.contains("viewBox=\"0 0 1 1\"") && logo.svg.contains(&BASE64.encode(PNG)), "{}", logo.svg);
    assert_eq!(check_svg(&logo.svg), Ok(()));
    let mut wide = PNG.to_vec();
    wide[18..20].copy_from_slice(&[8, 1]);
    for file in [&PNG[..PNG.len() - 1], &PNG[1..], &wide, b"GIF89a"] {
        assert_eq!(parse(LogoType::Png, file), Err(InvalidLogo::Png));
    }
}

#[test]
fn a_file_that_is_empty_too_large_or_not_base64_is_refused() {
    assert_eq!(parse(LogoType::Svg, b""), Err(InvalidLogo::Size(0)));
    let of_size = |bytes: usize| format!("<svg xmlns='{SVG}'/>{}", " ".repeat(bytes - SVG.len() - 15));
    assert!(parse(LogoType::Svg, of_size(MAX_LOGO).as_bytes()).is_ok());
    assert_eq!(parse(LogoType::Svg, of_size(MAX_LOGO + 1).as_bytes()), Err(InvalidLogo::Size(MAX_LOGO + 1)));
    let draft = LogoDraft { content_type: LogoType::Svg, data: "<svg/>".into() };
    assert_eq!(draft.parse(), Err(InvalidLogo::Encoding));
}

#[test]
fn the_tag_of_a_logo_changes_with_it() {
    let (one, other) = (svg("<g/>").unwrap().tag(), svg("<path/>").unwrap().tag());
    assert_ne!(one, other);
    assert_eq!(one, svg("<g/>").unwrap().tag());
    assert!(one.len() == 26 && one.bytes().all(|byte| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte)));
}
