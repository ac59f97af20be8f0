package dev.tether.examples.simulate.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tether.examples.ByteSize;
import dev.tether.examples.simulate.scenario.ScenarioFile;
import dev.tether.reactor.simulation.swarm.Scenario;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One page that needs nothing else: it is read offline, and its policy forbids it to load anything. */
public final class HtmlReport {

    private static final String CHART_JS = "META-INF/resources/webjars/chart.js/";
    private static final String CHART_JS_POM = "META-INF/maven/org.webjars.npm/chart.js/pom.properties";
    private static final Pattern PART = Pattern.compile("@([A-Z]+)@");
    private static final JsonMapper JSON = new JsonMapper();

    private final Scenario scenario;
    private final History history;
    private final Map<String, String> summary;
    private final List<String> violations;
    private final String replay;

    /**
     * @param summary the rows of the summary
     * @param violations what broke in the history that is shown
     * @param replay the command that runs it again
     */
    public HtmlReport(
            Scenario scenario,
            HistoryRecorder.Recording recording,
            Map<String, String> summary,
            List<String> violations,
            String replay) {
        this.scenario = scenario;
        this.history = recording.history();
        this.summary = summary;
        this.violations = violations;
        this.replay = replay;
    }

    /**
     * Checks whether a report can be written, and changes nothing.
     *
     * @throws IOException that says why it can't
     */
    public static void requireWritable(Path file) throws IOException {
        Path directory = parent(file);
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a directory");
        }
        if (!Files.exists(directory)) {
            throw new IOException("there is no directory " + directory);
        }
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory + " is not a directory");
        }
        if (!Files.isWritable(directory) || Files.exists(file) && !Files.isWritable(file)) {
            throw new IOException(file + " cannot be written: permission denied");
        }
    }

    /** Writes the page. */
    public static void write(Path file, HtmlReport report) throws IOException {
        Files.writeString(file, report.html());
    }

    /** The page. */
    String html() throws IOException {
        String chartJs = CHART_JS + chartJsVersion();
        Map<String, String> parts = Map.ofEntries(
                Map.entry("TITLE", escape("Tether simulation, seed " + scenario.seed())),
                Map.entry("STYLE", own("report.css")),
                Map.entry("VERDICT", verdict()),
                Map.entry("REPLAY", escape(replay)),
                Map.entry("SUMMARY", rows()),
                Map.entry("NOTES", notes()),
                Map.entry("FAULTS", faults()),
                Map.entry("CONNECTIONS", connections()),
                Map.entry("SCENARIO", escape(ScenarioFile.write(scenario))),
                Map.entry("LICENSE", escape(resource(chartJs + "/LICENSE.md"))),
                Map.entry("DATA", json()),
                Map.entry("CHART", script(resource(chartJs + "/dist/chart.umd.min.js"))),
                Map.entry("SCRIPT", script(own("report.js"))));
        // In one pass: what is put in is not searched for further parts.
        return PART.matcher(own("report.html"))
                .replaceAll(part -> Matcher.quoteReplacement(Objects.requireNonNull(parts.get(part.group(1)))));
    }

    private static Path parent(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file : parent;
    }

    private String verdict() {
        if (violations.isEmpty()) {
            return "<p class=\"ok\">Every promise was kept.</p>";
        }
        StringBuilder html = new StringBuilder("<div class=\"broken\" role=\"alert\"><h2>" + violations.size()
                + (violations.size() == 1 ? " promise was" : " promises were") + " broken</h2><ol>");
        violations.forEach(
                violation -> html.append("<li><pre>").append(escape(violation)).append("</pre></li>"));
        return html.append("</ol></div>").toString();
    }

    private String rows() {
        StringBuilder html = new StringBuilder();
        summary.forEach((label, value) -> html.append("<tr><th scope=\"row\"")
                .append(label.startsWith(" ") ? " class=\"part\">" : ">")
                .append(escape(label.strip()))
                .append("</th><td>")
                .append(escape(value))
                .append("</td></tr>\n"));
        return html.toString();
    }

    private String notes() {
        StringBuilder html = new StringBuilder();
        int drawn = history.connections().size();
        html.append(
                        "<p>Each connection has two ends, and each end is a line of its own; attempts that failed are among them. ")
                .append(
                        drawn < history.seen()
                                ? "The first " + drawn + " of " + history.seen() + " ends are drawn; the other "
                                        + (history.seen() - drawn) + " are left out. "
                                : "All " + drawn + " ends are drawn. ")
                .append(String.format(Locale.ROOT, "Each point stands for %.3g s.", history.bucket()));
        if (history.faultsLeftOut() > 0) {
            html.append(" The last ").append(history.faultsLeftOut()).append(" faults are left out.");
        }
        long cut =
                history.connections().stream().filter(History.Series::spansCut).count();
        if (cut > 0) {
            html.append(" Of ").append(cut).append(" ends, only the first states are drawn.");
        }
        return html.append("</p>").toString();
    }

    private String faults() {
        StringBuilder html = new StringBuilder();
        for (History.Mark fault : history.faults()) {
            html.append("<tr><td>")
                    .append(String.format(Locale.ROOT, "%.3f s", fault.at()))
                    .append("</td><td><code>")
                    .append(escape(fault.text()))
                    .append("</code></td></tr>\n");
        }
        return html.isEmpty() ? "<tr><td colspan=\"2\">none</td></tr>" : html.toString();
    }

    /** The plots in words. */
    private String connections() {
        StringBuilder html = new StringBuilder();
        for (History.Series it : history.connections()) {
            double maxRtt = 0;
            double sent = 0;
            double lost = 0;
            for (int i = 0; i < it.rttMs().length; i++) {
                maxRtt = Math.max(maxRtt, it.rttMs()[i]);
                sent += it.sent()[i] * history.bucket();
                lost += it.lost()[i] * history.bucket();
            }
            String end = it.end() == null
                    ? "lives"
                    : String.format(
                            Locale.ROOT, "%.3f s: %s", it.end().at(), it.end().cause());
            html.append("<tr><th scope=\"row\">")
                    .append(escape(it.host() + " → " + it.peer() + " #" + it.number()))
                    .append("</th><td>")
                    .append(String.format(Locale.ROOT, "%.3f s", it.first() * history.bucket()))
                    .append("</td><td>")
                    .append(ByteSize.text(Math.round(sent)))
                    .append("</td><td>")
                    .append(Math.round(lost))
                    .append("</td><td>")
                    .append(String.format(Locale.ROOT, "%.1f ms", maxRtt))
                    .append("</td><td>")
                    .append(escape(end))
                    .append("</td></tr>\n");
        }
        return html.isEmpty() ? "<tr><td colspan=\"6\">none</td></tr>" : html.toString();
    }

    /** Within a script element nothing may look like its end, or like a comment. */
    private String json() throws JsonProcessingException {
        return JSON.writeValueAsString(history)
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
    }

    private static String script(String text) {
        if (text.toLowerCase(Locale.ROOT).contains("</script") || text.contains("<!--")) {
            throw new IllegalStateException("a script has what would end it within a page");
        }
        return text;
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String chartJsVersion() throws IOException {
        Properties properties = new Properties();
        try (InputStream stream = HtmlReport.class.getClassLoader().getResourceAsStream(CHART_JS_POM)) {
            if (stream == null) {
                throw new IOException("there is no chart.js on the class path");
            }
            properties.load(stream);
        }
        return properties.getProperty("version", "");
    }

    private static String own(String name) throws IOException {
        return resource(HtmlReport.class.getPackageName().replace('.', '/') + '/' + name);
    }

    private static String resource(String name) throws IOException {
        try (InputStream stream = HtmlReport.class.getClassLoader().getResourceAsStream(name)) {
            if (stream == null) {
                throw new IOException("there is no " + name + " on the class path");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
