//! The requests that Authsignal sees, second by second: one panel for each outage.

use std::error::Error;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::limits::Course;
use crate::server::{CAPACITY, OUTAGES};
use crate::simulation::{BEGIN, END, LAST, Scale};

/// Reads on white as on black, as the benchmark's plot does.
const INK: RGBColor = RGBColor(0x76, 0x83, 0x90);
/// Of the policies, as they come: ours, naive, none. The last lies thin on the first, which is close to it.
const LINES: [(RGBColor, u32); 3] = [
    (RGBColor(0x2f, 0x81, 0xf7), 4),
    (RGBColor(0xdb, 0x6d, 0x28), 2),
    (RGBColor(0xb1, 0xba, 0xc4), 1),
];
const FONT: &str = "system-ui, sans-serif";
const SIZE: (u32, u32) = (880, 820);
/// Each point is the mean of so many seconds.
const STEP: usize = 2;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

pub fn draw(courses: &[Course], scale: Scale) -> Result<String, Box<dyn Error>> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let (legend, panels) = root.split_vertically(34);
        for (panel, (at, outage)) in
            panels.split_evenly((3, 2)).iter().zip(OUTAGES.iter().enumerate())
        {
            let courses: Vec<&Course> = courses.iter().filter(|it| it.outage == *outage).collect();
            draw_outage(panel, &courses, scale)?;
            if at == 0 {
                draw_legend(&legend, &courses)?;
            }
        }
        root.present()?;
    }
    Ok(svg)
}

fn draw_legend(area: &Area, courses: &[&Course]) -> Result<(), Box<dyn Error>> {
    for (at, (course, (color, width))) in (0..).zip(courses.iter().zip(LINES)) {
        let x = 60 + at * 190;
        area.draw(&PathElement::new([(x, 20), (x + 24, 20)], color.stroke_width(width)))?;
        area.draw(&Text::new(
            course.policy.name,
            (x + 32, 14),
            (FONT, 16).into_font().color(&INK),
        ))?;
    }
    area.draw(&Text::new(
        "- - capacity of the server",
        (630, 14),
        (FONT, 16).into_font().color(&INK),
    ))?;
    Ok(())
}

fn draw_outage(area: &Area, courses: &[&Course], scale: Scale) -> Result<(), Box<dyn Error>> {
    let minute = |second: usize| (second as f64 - BEGIN as f64) / 60.0;
    let thousands = |requests: f64| requests / 1000.0;
    let top = thousands(scale.logins_per_second * 5.0);
    let mut chart = ChartBuilder::on(area)
        .caption(courses[0].outage.name(), (FONT, 17).into_font().color(&INK))
        .margin(8)
        .x_label_area_size(40)
        .y_label_area_size(52)
        .build_cartesian_2d(minute(0)..minute(LAST), 0.0..top)?;
    let label = (FONT, 14).into_font().color(&INK);
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(INK.mix(0.2))
        .axis_style(INK)
        .label_style(label)
        .x_labels(14)
        .y_labels(6)
        .x_label_formatter(&|minute| format!("{minute:.0}"))
        .y_label_formatter(&|thousands| format!("{thousands}"))
        .y_desc("thousand requests/s");
    mesh.x_desc("minutes from the outage's begin").draw()?;

    chart.draw_series([Rectangle::new([(0.0, 0.0), (minute(END), top)], INK.mix(0.1).filled())])?;
    let capacity = thousands(scale.logins_per_second * CAPACITY);
    chart.draw_series(DashedLineSeries::new(
        [(minute(0), capacity), (minute(LAST), capacity)],
        4,
        4,
        INK.stroke_width(1),
    ))?;
    for (course, (color, width)) in [1, 0, 2].map(|at| (courses[at], LINES[at])) {
        let points = course.seconds.chunks(STEP).enumerate().map(|(at, seconds)| {
            let requests: u32 = seconds.iter().map(|second| second.requests).sum();
            let mean = f64::from(requests) / seconds.len() as f64;
            (minute(at * STEP), thousands(mean))
        });
        chart.draw_series(LineSeries::new(points, color.stroke_width(width)))?;
    }
    Ok(())
}
