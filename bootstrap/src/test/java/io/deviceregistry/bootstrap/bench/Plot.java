package io.deviceregistry.bootstrap.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/** A drawing of medians, as SVG. */
enum Plot {
    THROUGHPUT_BY_CONNECTIONS(
            "throughput-by-connections", "Durable registrations by connections", "connections", "a second"),
    P99_BY_CONNECTIONS("p99-by-connections", "Latency of registrations by connections, p99", "connections", "ms"),
    THROUGHPUT_BY_STORED_DEVICES(
            "throughput-by-stored-devices",
            "Durable registrations by devices stored, %d connections".formatted(Registration.CONNECTIONS),
            "devices stored",
            "a second");

    private static final int WIDTH = 800;
    private static final int HEIGHT = 450;
    private static final float HAIRLINE = 0.5f;

    private final String file;
    private final String title;
    private final String across;
    private final String up;

    Plot(String file, String title, String across, String up) {
        this.file = file;
        this.title = title;
        this.across = across;
        this.up = up;
    }

    String title() {
        return title;
    }

    String fileName() {
        return file + ".svg";
    }

    /** @param series values by what is across, by their name in the legend */
    void draw(Map<String, NavigableMap<Double, Double>> series, Path directory) throws IOException {
        // No window is opened, and on a server none could be.
        System.setProperty("java.awt.headless", "true");
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(across)
                .yAxisTitle(up)
                .build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler()
                .setXAxisLogarithmic(true)
                .setXAxisDecimalPattern("#,###")
                .setYAxisMin(0.0)
                // Each dash would be a shape of its own in the file.
                .setPlotGridLinesStroke(new BasicStroke(HAIRLINE))
                .setAxisTickMarksStroke(new BasicStroke(HAIRLINE));
        series.forEach(
                (name, values) -> chart.addSeries(name, List.copyOf(values.keySet()), List.copyOf(values.values())));
        VectorGraphicsEncoder.saveVectorGraphic(
                chart, directory.resolve(fileName()).toString(), VectorGraphicsFormat.SVG);
    }
}
