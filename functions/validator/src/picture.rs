//! QR code as an SVG image.

use std::fmt::Write;

use qrcode::types::QrError;
use qrcode::{Color, QrCode};

/// Width of the white border in modules, as the standard of QR codes requires.
const QUIET_ZONE: usize = 4;

/// Draws the QR code of `text`, black on white. One unit of the image is one module.
pub(crate) fn svg(text: &str) -> Result<String, QrError> {
    let code = QrCode::new(text)?;
    let (width, colors) = (code.width(), code.to_colors());
    let mut dark = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|left, right| left == right) {
            if run.first() == Some(&Color::Dark) {
                // Writing to a String cannot fail.
                let _ = write!(dark, "M{} {}h{}v1h-{2}z", x + QUIET_ZONE, y + QUIET_ZONE, run.len());
            }
            x += run.len();
        }
    }
    let side = width + 2 * QUIET_ZONE;
    Ok(format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {side} {side}' shape-rendering='crispEdges'>\
         <path fill='#fff' d='M0 0h{side}v{side}h-{side}z'/><path fill='#000' d='{dark}'/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://bar.example/v1/order#e=RUSTCONF&t=MFRGGZDFMZTWQ2LK";

    /// The modules that the path draws, by row and column.
    fn drawn(svg: &str) -> Vec<(usize, usize)> {
        let path = svg.rsplit_once(" d='").unwrap().1.split_once('\'').unwrap().0;
        let runs = path.split('M').filter(|run| !run.is_empty()).map(|run| {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, _) = rest.split_once('v').unwrap();
            [x, y, length].map(|number| number.parse::<usize>().unwrap())
        });
        runs.flat_map(|[x, y, length]| (x..x + length).map(move |x| (y, x))).collect()
    }

    #[test]
    fn the_image_has_the_modules_of_the_code_within_a_quiet_zone() {
        let code = QrCode::new(LINK).unwrap();
        let svg = svg(LINK).unwrap();
        let width = code.width();
        let expected: Vec<_> = (0..width)
            .flat_map(|y| (0..width).map(move |x| (y, x)))
            .filter(|(y, x)| code[(*x, *y)] == Color::Dark)
            .map(|(y, x)| (y + 4, x + 4))
            .collect();
        assert_eq!(drawn(&svg), expected);
        assert!(svg.contains(&format!("viewBox='0 0 {0} {0}'", width + 8)), "{svg}");
    }

    #[test]
    fn the_longest_link_has_an_image_that_fits_an_answer() {
        let folder = format!("https://bar.example/{}/", "x".repeat(179));
        let svg = svg(&format!("{folder}order#e={}&t=MFRGGZDFMZTWQ2LK", "x".repeat(40))).unwrap();
        assert!(svg.len() < 32 * 1024, "{}", svg.len());
        assert!(!svg.contains(['"', '\\']), "JSON would escape these");
    }
}
