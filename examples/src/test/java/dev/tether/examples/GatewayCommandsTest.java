package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.PeerAddress;
import dev.tether.core.noise.KeyPair;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each command with a gateway, over loopback: the peers know each other's keys only. */
@Timeout(120)
class GatewayCommandsTest {

    private static final String LOOPBACK = "127.0.0.1";

    /** A key that nobody can hold, so that every attempt fails at once. */
    private static final String UNHELD = "tether://" + "a".repeat(52);

    private static final int SIZE = 300_000;
    private static final long SEED = 31;

    @TempDir
    Path directory;

    private final List<TransportNode> nodes = new ArrayList<>();
    private String gateway = "";

    @BeforeEach
    void startGateway() {
        gateway = bindGateway();
    }

    @AfterEach
    void closeAll() {
        nodes.forEach(node -> node.closeNow(Duration.ofSeconds(1)));
    }

    @Test
    void aFileGoesToAPeerOfWhichOnlyTheKeyIsKnown() throws Exception {
        byte[] content = new byte[SIZE];
        new SplittableRandom(SEED).nextBytes(content);
        Path file = Files.write(directory.resolve("file"), content);
        Path incoming = directory.resolve("incoming");
        Cli receive = Cli.start("receive", incoming.toString(), "--host", LOOPBACK, "--once", "--via", gateway);

        Cli send = Cli.run("send", "--via", gateway, keyOf(receive), file.toString());

        assertThat(send.err()).isEmpty();
        assertThat(send.exitCode()).isZero();
        assertThat(receive.exitCode()).isZero();
        assertThat(incoming.resolve("file")).as("seed %d", SEED).hasBinaryContent(content);
    }

    @Test
    void aWaitingPeerPrintsItsKeyWhenAGatewayIsConnected() throws Exception {
        Cli receive = Cli.start("receive", directory.toString(), "--host", LOOPBACK, "--once", "--via", gateway);

        String address = receive.awaitLine(line -> true);
        String connected = receive.awaitLine(line -> line.contains(" * Gateway "));
        String key = keyOf(receive);

        PeerAddress own = PeerAddress.parse(address);
        assertThat(connected).endsWith("connected, it sees this peer at " + LOOPBACK + ":" + own.port());
        assertThat(PeerAddress.parse(key)).isEqualTo(PeerAddress.of(own.identity()));
        // Ends it.
        assertThat(Cli.run("ping", address, "--count", "1").exitCode()).isZero();
        assertThat(receive.exitCode()).isZero();
        assertThat(receive.out())
                .as("the command closes its gateways itself, which is nothing to report")
                .noneMatch(line -> line.contains("lost"));
    }

    @Test
    void aWaitingPeerSaysOnceThatNoGatewayIsConnected() throws Exception {
        Cli receive = Cli.start(
                "receive", directory.toString(), "--host", LOOPBACK, "--once", "--via", UNHELD + "@127.0.0.1:9");
        String address = receive.awaitLine(line -> true);

        receive.awaitLine(line -> line.contains(" * Gateway 127.0.0.1:9 failed ConnectionEstablishment/UNREACHABLE: "));
        receive.awaitLine(line -> line.contains(" * No gateway is connected"));
        // Meanwhile there are further attempts. Its end is that of the command.
        Cli ping = Cli.run("ping", address, "--count", "2", "--interval", "1500ms");

        assertThat(ping.exitCode()).isZero();
        assertThat(receive.exitCode()).isZero();
        assertThat(receive.out().stream().filter(line -> line.contains(" * "))).hasSize(2);
    }

    @Test
    void aLinkToAKeyGoesThroughTheGateway() throws Exception {
        PeerAddress echo = echo();
        InputStream original = System.in;
        System.setIn(new ByteArrayInputStream("hello\nworld\n".getBytes(StandardCharsets.US_ASCII)));
        try {
            Cli chat = Cli.run("chat", "--link", "--via", gateway, echo.toString());

            assertThat(chat.err()).isEmpty();
            assertThat(chat.exitCode()).isZero();
            assertThat(chat.out())
                    .anyMatch(line -> line.endsWith(" * Connecting to " + echo + ", attempt 1"))
                    .anyMatch(line -> line.endsWith(" < hello"))
                    .anyMatch(line -> line.endsWith(" < world"));
        } finally {
            System.setIn(original);
        }
    }

    @Test
    void pingTellsWhereThePeerWasFound() throws Exception {
        Cli ping = Cli.run("ping", "--via", gateway, echo().toString(), "--count", "1");

        assertThat(ping.err()).isEmpty();
        assertThat(ping.exitCode()).isZero();
        assertThat(ping.out()).first().asString().matches("connected to tether://\\w{52} at \\S+:\\d+ in .*");
    }

    @Test
    void aPeerThatNoGatewayKnowsIsAFailureWithAWayOut() throws Exception {
        Cli ping = Cli.run("ping", "--via", gateway, stranger().toString());

        assertThat(ping.err())
                .singleElement()
                .asString()
                .startsWith("tether: ConnectionEstablishment/UNKNOWN_PEER: ")
                .endsWith("Is the peer running, with the same --via?");
        assertThat(ping.exitCode()).isEqualTo(1);
    }

    @Test
    void withoutAGatewayThatAnswersNobodyIsFound() throws Exception {
        Cli ping =
                Cli.run("ping", "--via", UNHELD + "@127.0.0.1:9", stranger().toString(), "--connect-timeout", "300ms");

        assertThat(ping.err())
                .singleElement()
                .asString()
                .startsWith("tether: ConnectionEstablishment/NO_GATEWAY: ")
                .contains("Is the gateway of --via running");
        assertThat(ping.exitCode()).isEqualTo(1);
    }

    @Test
    void onOneHostThereIsNoNat() throws Exception {
        String second = bindGateway();

        Cli nat = Cli.run("nat", "--via", gateway, "--via", second, "--host", LOOPBACK);

        assertThat(nat.err()).isEmpty();
        assertThat(nat.exitCode()).isZero();
        assertThat(nat.out().get(0)).matches("own address +127\\.0\\.0\\.1:\\d+");
        assertThat(nat.out().subList(1, 3))
                .allMatch(line -> line.matches("gateway +127\\.0\\.0\\.1:\\d+ sees this host at 127\\.0\\.0\\.1:\\d+"));
        assertThat(nat.out()).anyMatch(line -> line.startsWith("This host is behind no NAT"));
    }

    @Test
    void withoutAGatewayThatAnswersNothingCanBeToldOfTheNat() throws Exception {
        Cli nat = Cli.run("nat", "--via", UNHELD + "@127.0.0.1:9", "--timeout", "5s");

        assertThat(nat.out()).anyMatch(line -> line.contains("127.0.0.1:9 not connected: ConnectionEstablishment/"));
        assertThat(nat.err()).singleElement().asString().startsWith("tether: no gateway has answered");
        assertThat(nat.exitCode()).isEqualTo(1);
    }

    @Test
    void statusHasALineForEachGatewayAndPeer() throws Exception {
        PeerAddress echo = echo();
        PeerAddress stranger = stranger();

        Cli status = Cli.run(
                "status", "--via", gateway, "--via", UNHELD + "@127.0.0.1:9", echo.toString(), stranger.toString());

        assertThat(status.err()).containsExactly("tether: 2 of 4 cannot be reached");
        assertThat(status.exitCode()).isEqualTo(1);
        assertThat(status.out()).hasSize(4);
        assertThat(status.out().get(0))
                .matches(
                        "gateway  127\\.0\\.0\\.1:\\d+ +reachable +[\\d.]+ .s  sees this host at 127\\.0\\.0\\.1:\\d+");
        assertThat(status.out().get(1))
                .matches("gateway  127\\.0\\.0\\.1:9 +unreachable +-  ConnectionEstablishment/.*");
        assertThat(status.out().get(2))
                .matches("peer     " + echo.identity().shortName()
                        + " +reachable +[\\d.]+ .s  direct at \\S+:\\d+, connected in \\d+ ms");
        assertThat(status.out().get(3))
                .matches("peer     " + stranger.identity().shortName()
                        + " +unreachable +-  ConnectionEstablishment/UNKNOWN_PEER: .*");
        assertThat(status.out().stream().map(line -> line.indexOf("reachable")).distinct())
                .as("columns, with and without \"un\"")
                .hasSize(2);
    }

    @Test
    void whereAllCanBeReachedTheStatusIsGood() throws Exception {
        Cli status = Cli.run("status", "--via", gateway, echo().toString());

        assertThat(status.err()).isEmpty();
        assertThat(status.out()).hasSize(2);
        assertThat(status.exitCode()).isZero();
    }

    /** The key that a waiting command prints when it can be reached by it. */
    private static String keyOf(Cli waiting) throws InterruptedException {
        String line = waiting.awaitLine(it -> it.contains(" * Reachable as "));
        return line.replaceFirst(".*(tether://\\w+).*", "$1");
    }

    /** A peer that says everything back, and can be introduced. */
    private PeerAddress echo() {
        TransportNode echo = bind(ReactiveTransport.create()
                .gateways(PeerAddress.parse(gateway))
                .handle(connection -> connection.send(connection.receive().retain())));
        echo.network().filter(network -> network.connectedGateways() == 1).blockFirst();
        return PeerAddress.of(echo.identity());
    }

    private static PeerAddress stranger() {
        return PeerAddress.of(KeyPair.generate().identity());
    }

    private String bindGateway() {
        return bind(ReactiveTransport.create().gateway(true))
                .addressAs(LOOPBACK)
                .toString();
    }

    private TransportNode bind(ReactiveTransport transport) {
        TransportNode node = transport.host(LOOPBACK).bindNow();
        nodes.add(node);
        return node;
    }
}
