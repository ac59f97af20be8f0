package dev.tether.examples.simulate.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tether.examples.simulate.scenario.ScenarioFile;
import dev.tether.reactor.simulation.swarm.Scenario;
import dev.tether.reactor.simulation.swarm.ScenarioRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the page, and that nothing outside of it is needed. */
class HtmlReportTest {

    private static final Pattern DATA =
            Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL);
    private static final Pattern SCRIPT_OR_STYLE = Pattern.compile("<(script|style)\\b.*?</\\1>", Pattern.DOTALL);

    private static Scenario scenario;
    private static HistoryRecorder.Recording recording;

    @TempDir
    Path directory;

    @BeforeAll
    static void run() throws IOException {
        scenario = ScenarioFile.read(Path.of("scenarios", "partition.yaml")).scenario(3);
        recording = record(scenario);
    }

    @Test
    void theDataHasEveryEndOfEveryConnection() throws Exception {
        JsonNode data = data(page(List.of()));

        assertThat(data.path("connections")).hasSizeGreaterThan(8);
        for (JsonNode connection : data.path("connections")) {
            int points = connection.path("sent").size();
            assertThat(points).isBetween(1, Buckets.COUNT);
            for (String series : List.of("received", "lost", "rttMs", "window", "inFlight")) {
                assertThat(connection.path(series)).as(series).hasSize(points);
            }
            assertThat(connection.path("peer").asText()).matches("p[0-4]");
            assertThat(connection.path("states")).isNotEmpty();
            assertThat(connection.path("end").path("cause").asText()).isNotEmpty();
        }
        assertThat(data.path("seen").asInt()).isEqualTo(data.path("connections").size());
    }

    @Test
    void theDataHasTheFaultsInTheirOrder() throws Exception {
        JsonNode faults = data(page(List.of())).path("faults");

        assertThat(faults.findValuesAsText("at")).containsExactly("5.0", "22.0", "30.0", "40.0");
        assertThat(faults.get(0).path("end").asDouble()).isEqualTo(17);
        assertThat(faults.get(0).path("text").asText()).contains("partition", "p0", "p1");
    }

    @Test
    void theSeriesAddUpToWhatWasSent() throws Exception {
        JsonNode data = data(page(List.of()));
        double sent = 0;
        for (JsonNode connection : data.path("connections")) {
            for (JsonNode rate : connection.path("sent")) {
                sent += rate.asDouble() * data.path("bucket").asDouble();
            }
        }

        long total = ScenarioRun.run(scenario).network().sentBytes();
        assertThat(sent).isBetween(0.95 * total, 1.0 * total);
    }

    @Test
    void aPeerBehindNatsHasItsNameAndAnAttackerToo() throws Exception {
        Scenario natted =
                ScenarioFile.read(Path.of("scenarios", "every-fault.yaml")).scenario(4);

        JsonNode data = data(new HtmlReport(natted, record(natted), Map.of(), List.of(), "").html());

        List<String> peers = new ArrayList<>();
        for (JsonNode connection : data.path("connections")) {
            if (connection.path("host").asText().equals("server")) {
                peers.add(connection.path("peer").asText());
            }
        }
        assertThat(peers).contains("phone", "desktop");
        // The one who acknowledges what was never sent.
        assertThat(peers)
                .filteredOn(peer -> !List.of("phone", "desktop").contains(peer))
                .singleElement()
                .asString()
                .startsWith("optimist");
    }

    @Test
    void onlySoManyConnectionsAreDrawn() throws Exception {
        Path file = Files.writeString(
                directory.resolve("many.yaml"),
                "{faultPhase: 5s, settings: {idleTimeout: 20s, keepAlive: 5s}, peers: 41, dials: [{from: all, to: p0}]}");
        Scenario many = ScenarioFile.read(file).scenario(1);

        String page = new HtmlReport(many, record(many), Map.of(), List.of(), "").html();

        assertThat(data(page).path("connections")).hasSize(HistoryRecorder.MAX_CONNECTIONS);
        assertThat(data(page).path("seen").asInt()).isEqualTo(80);
        assertThat(page).contains("The first 50 of 80 ends are drawn; the other 30 are left out.");
    }

    @Test
    void nothingOutsideIsReferred() throws Exception {
        String page = page(List.of());

        assertThat(page)
                .contains("content=\"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'\"");
        assertThat(SCRIPT_OR_STYLE.matcher(page).replaceAll(""))
                .doesNotContainIgnoringCase(" src=", " href=", "<link", "<img", "<iframe", "url(");
        assertThat(page).doesNotContainIgnoringCase("@import", "<script src");
    }

    @Test
    void theLibrarysLicenceIsInThePage() throws Exception {
        assertThat(page(List.of()))
                .contains("The MIT License (MIT)", "Chart.js Contributors", "Permission is hereby granted");
    }

    @Test
    void violationsAreShownAndEscaped() throws Exception {
        String page = page(List.of("</script><script>alert(1)</script> & @DATA@"));

        assertThat(page)
                .contains("1 promise was broken")
                .contains("&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; @DATA@")
                .doesNotContain("<script>alert(1)");
    }

    @Test
    void theScenarioInThePageIsTheOneThatRan() throws Exception {
        Matcher text = Pattern.compile("<pre>(seed: .*?)</pre>", Pattern.DOTALL).matcher(page(List.of()));
        assertThat(text.find()).isTrue();
        Path file = Files.writeString(
                directory.resolve("again.yaml"),
                text.group(1).replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&"));

        assertThat(ScenarioFile.read(file).scenario(3)).isEqualTo(scenario);
    }

    @Test
    void equalHistoriesGiveEqualPages() throws Exception {
        assertThat(new HtmlReport(scenario, record(scenario), Map.of("a", "b"), List.of(), "replay").html())
                .isEqualTo(page(List.of()));
    }

    @Test
    void textIsEscaped() {
        assertThat(HtmlReport.escape("<a href=\"x\" b='y'>&"))
                .isEqualTo("&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
    }

    @Test
    void whereNoReportCanBeWrittenIsSaid() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));

        assertThatThrownBy(() -> HtmlReport.requireWritable(directory)).hasMessageContaining("is a directory");
        assertThatThrownBy(() -> HtmlReport.requireWritable(directory.resolve("no/x.html")))
                .hasMessageContaining("there is no directory");
        assertThatThrownBy(() -> HtmlReport.requireWritable(file.resolve("x.html")))
                .hasMessageContaining("is not a directory");
        HtmlReport.requireWritable(directory.resolve("x.html"));
        assertThat(directory.resolve("x.html")).doesNotExist();
    }

    private static String page(List<String> violations) throws IOException {
        return new HtmlReport(scenario, recording, Map.of("a", "b"), new ArrayList<>(violations), "replay").html();
    }

    private static HistoryRecorder.Recording record(Scenario scenario) {
        List<HistoryRecorder> recorders = new ArrayList<>();
        ScenarioRun.run(scenario, network -> recorders.add(HistoryRecorder.of(network, scenario)));
        return recorders.get(0).history();
    }

    private static JsonNode data(String page) throws IOException {
        Matcher data = DATA.matcher(page);
        assertThat(data.find()).isTrue();
        return new ObjectMapper().readTree(data.group(1));
    }
}
