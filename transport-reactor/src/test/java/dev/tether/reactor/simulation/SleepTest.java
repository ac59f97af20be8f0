package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.assertEcho;
import static dev.tether.reactor.simulation.Peers.endOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.NatSettings;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.LinkState;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerLink;
import dev.tether.reactor.PeerStream;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A host that sleeps behind a NAT, and wakes up. docs/PROTOCOL.md, section 13. */
class SleepTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration SLEEP = Duration.ofSeconds(60);
    private static final Duration BEYOND_IDLE_TIMEOUT = Duration.ofMinutes(30);
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final LinkSettings LINK = LinkSettings.PERFECT.latency(Duration.ofMillis(100));
    private static final int CHUNK = 10_000;

    static LongStream thirtySeeds() {
        return LongStream.range(0, 30);
    }

    static LongStream tenSeeds() {
        return LongStream.range(0, 10);
    }

    @ParameterizedTest
    @MethodSource("thirtySeeds")
    void aHostThatHasSleptIsReachedWithinTwoSeconds(long seed) {
        World world = new World(seed, LINK.loss(0.1));
        PeerConnection connection = world.usedConnection();
        List<String> received = world.messagesOf(connection);
        world.passRandomTime();

        world.laptop.suspend();
        world.network.advance(SLEEP);
        world.nat.rebind();
        world.laptop.resume();
        world.atServer().sendString(Mono.just("good morning")).subscribe();
        world.network.advance(SOON);

        assertThat(received).as("seed %d", seed).containsExactly("good morning");
        world.assertNothingThrown();
    }

    @ParameterizedTest
    @MethodSource("tenSeeds")
    void aHostIsReachedWithinTwoSecondsAfterItsNetworkIsBack(long seed) {
        World world = new World(seed, LINK);
        PeerConnection connection = world.usedConnection();
        List<String> received = world.messagesOf(connection);
        world.passRandomTime();

        world.laptop.setConnected(false);
        world.laptop.suspend();
        world.network.advance(SLEEP);
        world.nat.rebind();
        world.laptop.resume();
        world.network.advance(Duration.ofSeconds(5));
        assertThat(connection.state()).as("seed %d", seed).isInstanceOf(ConnectionState.Unresponsive.class);
        world.laptop.setConnected(true);
        world.atServer().sendString(Mono.just("good morning")).subscribe();
        world.network.advance(SOON);

        assertThat(received).as("seed %d", seed).containsExactly("good morning");
        assertThat(connection.state()).as("seed %d", seed).isInstanceOf(ConnectionState.Established.class);
        world.assertNothingThrown();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTransferGoesOnWithinTwoSeconds(boolean up) {
        World world = new World(1, LINK.bytesPerSecond(500_000));
        PeerConnection connection = world.usedConnection();
        PeerConnection from = up ? connection : world.atServer();
        PeerConnection to = up ? world.atServer() : connection;
        Received received = new Received();
        to.streams().flatMap(PeerStream::receive).subscribe(received::add);
        int chunks = 300;
        List<String> sent = new ArrayList<>();
        Objects.requireNonNull(world.network.await(from.openUniStream(), Peers.LIMIT))
                .send(Flux.range(0, chunks).map(SleepTest::chunk))
                .subscribe(nothing -> {}, failure -> sent.add(failure.toString()), () -> sent.add("all"));
        world.network.advance(Duration.ofSeconds(3));

        world.laptop.suspend();
        world.network.advance(SLEEP);
        long before = received.bytes;
        world.nat.rebind();
        world.laptop.resume();
        world.network.advance(SOON);

        assertThat(before).isBetween(1L, (long) chunks * CHUNK - 1);
        assertThat(received.bytes).isGreaterThan(before);
        world.network.advance(Duration.ofSeconds(20));
        assertThat(sent).containsExactly("all");
        assertThat(received.bytes).isEqualTo((long) chunks * CHUNK);
        assertThat(received.wrong).isZero();
        world.assertNothingThrown();
    }

    @ParameterizedTest
    @MethodSource("tenSeeds")
    void aSleepBeyondTheIdleTimeoutIsKnownWithinTwoSeconds(long seed) {
        World world = new World(seed, LINK);
        Peers.End end = endOf(world.usedConnection());
        world.passRandomTime();

        world.laptop.suspend();
        world.network.advance(BEYOND_IDLE_TIMEOUT);
        assertThat(end.isThere()).as("seed %d", seed).isFalse();
        world.laptop.resume();
        world.network.advance(SOON);

        assertThat(end.as(ConnectionLostException.class).reason())
                .as("seed %d", seed)
                .isEqualTo(ConnectionLostException.Reason.STATELESS_RESET);
        world.assertNothingThrown();
    }

    @ParameterizedTest
    @MethodSource("tenSeeds")
    void aLinkIsConnectedAnewWithinTwoSecondsAfterALongSleep(long seed) {
        World world = new World(seed, LINK);
        PeerLink link = world.client.link(world.server.addressAs("s"));
        world.network.advance(SECOND);
        PeerConnection before = ((LinkState.Connected) link.state()).connection();
        world.passRandomTime();

        world.laptop.suspend();
        world.network.advance(BEYOND_IDLE_TIMEOUT);
        world.laptop.resume();
        world.network.advance(SOON);

        assertThat(link.state())
                .as("seed %d", seed)
                .isInstanceOfSatisfying(
                        LinkState.Connected.class,
                        it -> assertThat(it.connection()).isNotSameAs(before));
        world.assertNothingThrown();
    }

    /** Its pause before the next attempt would be two seconds. */
    @ParameterizedTest
    @MethodSource("tenSeeds")
    void anAttemptToConnectIsMadeAgainAtOnce(long seed) {
        World world = new World(seed, LINK);
        List<PeerConnection> connected = new ArrayList<>();
        world.laptop.setConnected(false);
        world.client.connect(world.server.addressAs("s")).subscribe(connected::add);
        world.network.advance(Duration.ofMillis(5_000 + 300 * seed));

        world.laptop.suspend();
        world.network.advance(SLEEP);
        world.laptop.setConnected(true);
        world.laptop.resume();
        world.network.advance(Duration.ofMillis(1_250));

        assertThat(connected).as("seed %d", seed).hasSize(1);
        world.assertNothingThrown();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, -1})
    void aWallClockThatIsSetBreaksNothing(int hours) {
        World world = new World(1, LINK);
        PeerConnection connection = world.usedConnection();
        List<ConnectionState> states = new ArrayList<>();
        connection.states().subscribe(states::add);
        world.network.advance(Duration.ofSeconds(10));
        long sent = world.network.statistics().sent();

        world.laptop.stepClock(Duration.ofHours(hours));
        world.network.advance(Duration.ofSeconds(10));

        assertThat(world.network.statistics().sent() - sent).isLessThan(10);
        world.network.advance(Duration.ofMinutes(10));
        assertThat(states).singleElement().isInstanceOf(ConnectionState.Established.class);
        assertEcho(world.network, connection);
        world.assertNothingThrown();
    }

    /** Whoever is heard after the sleep, and hears nothing, is not probed quickly for ever. */
    @Test
    void aPeerThatIsHeardAndDoesNotHearIsNotSearchedForLong() {
        World world = new World(1, LINK);
        PeerConnection connection = world.usedConnection();
        world.network.advance(SECOND);
        world.laptop.suspend();
        world.network.advance(SECOND.multipliedBy(5));
        world.laptop.uplink(LinkSettings.PERFECT.loss(1));
        world.laptop.resume();
        Flux.interval(Duration.ofMillis(400), world.network.scheduler())
                .take(100)
                .subscribe(tick ->
                        world.atServer().sendString(Mono.just("still here")).subscribe());
        world.network.advance(Duration.ofSeconds(10));
        long sent = connection.statistics().block(Duration.ZERO).packetsSent();
        world.network.advance(Duration.ofSeconds(10));

        assertThat(connection.statistics().block(Duration.ZERO).packetsSent() - sent)
                .isLessThan(40);
    }

    @Test
    void nothingTicksOnANodeWithoutConnections() {
        World world = new World(1, LINK);
        assertThat(world.network.pendingTasks()).isZero();
        PeerConnection connection = world.usedConnection();
        assertThat(world.network.pendingTasks()).isPositive();

        world.network.await(connection.close(), Peers.LIMIT);
        world.network.advance(SECOND.multipliedBy(5));

        assertThat(world.network.pendingTasks()).isZero();
    }

    private static ByteBuf chunk(int number) {
        ByteBuf chunk = Unpooled.buffer(CHUNK);
        for (int i = 0; i < CHUNK; i++) {
            chunk.writeByte(number + i);
        }
        return chunk;
    }

    private static final class Received {

        private long bytes;
        private long wrong;

        private void add(ByteBuf chunk) {
            while (chunk.isReadable()) {
                int expected = (int) (bytes / CHUNK + bytes % CHUNK) & 0xff;
                wrong += chunk.readUnsignedByte() == expected ? 0 : 1;
                bytes++;
            }
        }
    }

    /** A laptop behind a NAT, and a server in the internet that accepts its connection. */
    private static final class World {

        private final SimulatedNetwork network;
        private final SeededRandom random;
        private final SimulatedNat nat;
        private final SimulatedHost laptop;
        private final TransportNode client;
        private final TransportNode server;
        private final List<PeerConnection> accepted = new ArrayList<>();

        private World(long seed, LinkSettings link) {
            network = SimulatedNetwork.create(seed);
            random = new SeededRandom(seed).split("test");
            network.changeDefaultLink(link);
            nat = network.nat("nat", NatSettings.PORT_RESTRICTED);
            laptop = nat.host("laptop");
            client = Peers.client(laptop);
            server = ReactiveTransport.create()
                    .runOn(network.host("s"))
                    .identity(Peers.identity("s"))
                    .port(Peers.PORT)
                    .doOnConnection(accepted::add)
                    .bindNow();
        }

        /** One over which some messages have gone both ways, so that both sides know the round trip. */
        private PeerConnection usedConnection() {
            PeerConnection connection = Peers.connect(network, client, server, "s");
            PeerConnection atServer = atServer();
            atServer.receive().take(5).subscribe();
            connection.receive().take(5).subscribe();
            for (int i = 0; i < 5; i++) {
                network.await(connection.sendString(Mono.just("hello")), Peers.LIMIT);
                network.await(atServer.sendString(Mono.just("hello")), Peers.LIMIT);
            }
            network.advance(SECOND);
            atServer.send(atServer.receive().retain()).subscribe(nothing -> {}, failure -> {});
            return connection;
        }

        private PeerConnection atServer() {
            for (int i = 0; i < 10 && accepted.isEmpty(); i++) {
                network.advance(SECOND);
            }
            return accepted.get(0);
        }

        private List<String> messagesOf(PeerConnection connection) {
            List<String> received = new ArrayList<>();
            connection.receive().asString().subscribe(received::add, failure -> {});
            return received;
        }

        /** So that a sleep begins at any time between two keep-alives, and between two looks at the clock. */
        private void passRandomTime() {
            network.advance(Duration.ofMillis(random.nextInt(0, 20_000)));
        }

        private void assertNothingThrown() {
            assertThat(network.failures()).as("seed %d", network.seed()).isEmpty();
            assertThat(network.datagramBytes()).as("seed %d", network.seed()).isZero();
        }
    }
}
