//! The figures as pictures, readable on light and dark pages.

use std::path::Path;

use client::Error;
use plotters::prelude::*;

use crate::growth::figures::{All, Figures, Level, Operation};

const SIZE: (u32, u32) = (760, 340);
/// Neither white nor black, so that it is seen on both.
const INK: RGBColor = RGBColor(128, 128, 128);
const COLOURS: [RGBColor; 5] = [
    RGBColor(31, 119, 180),
    RGBColor(255, 127, 14),
    RGBColor(44, 160, 44),
    RGBColor(214, 39, 40),
    RGBColor(148, 103, 189),
];

type Line = (&'static str, Vec<(f64, f64)>);

/// Writes the pictures into `folder`, and gives their names.
pub fn write(all: &All, folder: &Path) -> Result<[&'static str; 4], Error> {
    let failed = |error: std::io::Error| Error::failed(format!("{} cannot be made", folder.display()), error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let each = |levels: &[Level], operations: &[Operation], value: fn(&Figures) -> f64| -> Vec<Line> {
        operations.iter().map(|operation| (operation.as_str(), points(levels, *operation, value))).collect()
    };
    let all_operations = [Operation::Queue, Operation::MyOrders, Operation::Scan, Operation::Submit, Operation::Order];
    let order = [Operation::Order];
    let pictures = [
        (
            "functions-by-orders-stored.svg",
            "orders stored",
            "functions' CPU, ms",
            each(&all.stored, &all_operations, |figures| figures.functions_cpu),
        ),
        (
            "emulator-by-orders-stored.svg",
            "orders stored",
            "emulator's share of the wait, ms",
            each(&all.stored, &all_operations, Figures::emulator_share),
        ),
        (
            "functions-by-customers-at-once.svg",
            "customers at once",
            "functions' CPU, ms",
            each(&all.at_once, &order, |figures| figures.functions_cpu),
        ),
        (
            "emulator-by-customers-at-once.svg",
            "customers at once",
            "emulator's share of the wait, ms",
            each(&all.at_once, &order, Figures::emulator_share),
        ),
    ];
    for (name, x, y, lines) in &pictures {
        let path = folder.join(name);
        draw(&path, x, y, lines).map_err(|error| {
            Error::failed(format!("{} cannot be drawn", path.display()), std::io::Error::other(error.to_string()))
        })?;
    }
    Ok(pictures.map(|(name, ..)| name))
}

fn points(levels: &[Level], operation: Operation, value: fn(&Figures) -> f64) -> Vec<(f64, f64)> {
    let point = |level: &Level| Some((f64::from(level.level), value(level.of(operation)?)));
    levels.iter().filter_map(point).collect()
}

fn draw(path: &Path, x: &str, y: &str, lines: &[Line]) -> Result<(), Box<dyn std::error::Error>> {
    let all = || lines.iter().flat_map(|(_, points)| points.iter().copied());
    let (least, most) = all().fold((f64::MAX, 1.0_f64), |(least, most), (x, _)| (least.min(x), most.max(x)));
    let top = all().map(|(_, y)| y).fold(0.0, f64::max) * 1.15;
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    let text = ("sans-serif", 13).into_font().color(&INK);
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d((least..most).log_scale(), 0.0..top)?;
    chart
        .configure_mesh()
        .x_desc(x)
        .y_desc(y)
        .axis_style(INK)
        .bold_line_style(INK.mix(0.25))
        .light_line_style(INK.mix(0.0))
        .label_style(text.clone())
        .axis_desc_style(text.clone())
        .x_label_formatter(&|value| format!("{value:.0}"))
        .draw()?;
    for ((name, points), colour) in lines.iter().zip(COLOURS) {
        chart
            .draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, colour.filled())))?;
    }
    if lines.len() > 1 {
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::MiddleLeft)
            .label_font(text)
            .border_style(INK.mix(0.0))
            .draw()?;
    }
    area.present()?;
    Ok(())
}
