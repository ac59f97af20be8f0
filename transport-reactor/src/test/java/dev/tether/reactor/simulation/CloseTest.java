package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.CloseReason;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.PeerConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** How a close ends both sides, whatever it meets. docs/PROTOCOL.md, section 12. */
class CloseTest {

    private static final int SEEDS = 50;

    /** How long a close is repeated, with the latencies of these tests, and more. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    @Test
    void closesOfBothSidesAtTheSameInstantBothComplete() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            PeerConnection dialed = peers.connect(peers.a, peers.b);
            PeerConnection accepted = peers.b.lastPublished();
            Witness atA = new Witness(dialed);
            Witness atB = new Witness(accepted);
            List<String> completed = new ArrayList<>();
            peers.after(
                    Duration.ZERO,
                    () -> dialed.close(1, "a is done")
                            .subscribe(nothing -> {}, failure -> {}, () -> completed.add("a")));
            peers.after(
                    Duration.ZERO,
                    () -> accepted.close(2, "b is done")
                            .subscribe(nothing -> {}, failure -> {}, () -> completed.add("b")));
            peers.network.advance(CLOSE_LIMIT);

            assertThat(completed).as("seed %d", seed).containsExactlyInAnyOrder("a", "b");
            atA.assertClosed(seed, new CloseReason(false, true, 1, "a is done"), false);
            atB.assertClosed(seed, new CloseReason(false, true, 2, "b is done"), false);
            peers.assertNothingIsLeft("after two closes");
        }
    }

    @Test
    void aCloseReachesTheOtherSideWithItsCodeAndReason() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            peers.connect(peers.a, peers.b);
            TwoPeers.Side closing = peers.side(peers.random.chance(0.5));
            Witness own = new Witness(closing.lastPublished());
            Witness other = new Witness(peers.otherThan(closing).lastPublished());
            long code = peers.random.nextInt(1, 1 << 30);
            peers.network.await(closing.lastPublished().close(code, "out of coffee"), Peers.LIMIT);
            peers.network.advance(CLOSE_LIMIT);

            own.assertClosed(seed, new CloseReason(false, true, code, "out of coffee"), false);
            other.assertClosed(seed, new CloseReason(true, true, code, "out of coffee"), false);
            peers.assertNothingIsLeft("after the close");
        }
    }

    @Test
    void aCloseWithCodeZeroWhileTheOtherSideSendsErrorsItsSendAndCompletesReceive() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            peers.network.changeDefaultLink(
                    LinkSettings.PERFECT.latency(peers.upToMillis(150)).bytesPerSecond(200_000));
            peers.connect(peers.a, peers.b);
            TwoPeers.Side closing = peers.side(peers.random.chance(0.5));
            PeerConnection sender = peers.otherThan(closing).lastPublished();
            Witness own = new Witness(closing.lastPublished());
            Witness other = new Witness(sender);
            List<String> log = new ArrayList<>();
            Flux<ByteBuf> endless = Flux.<ByteBuf>generate(sink -> sink.next(Unpooled.wrappedBuffer(new byte[500])))
                    .doOnCancel(() -> log.add("cancelled"));
            sender.send(endless)
                    .subscribe(
                            nothing -> {}, failure -> log.add(failure.getClass().getSimpleName()));
            peers.network.advance(peers.upToMillis(1_000));

            peers.network.await(closing.lastPublished().close(), Peers.LIMIT);
            peers.network.advance(CLOSE_LIMIT);

            own.assertClosed(seed, new CloseReason(false, true, 0, ""), true);
            other.assertClosed(seed, new CloseReason(true, true, 0, ""), true);
            assertThat(log).as("seed %d", seed).containsExactly("cancelled", "ConnectionClosedException");
            peers.assertNothingIsLeft("after the close");
        }
    }

    @Test
    void aCloseOfWhichEveryPacketIsLostCompletesAndTheOtherSideFindsOutByTheIdleTimeout() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inCalm(seed);
            peers.connect(peers.a, peers.b);
            TwoPeers.Side closing = peers.side(peers.random.chance(0.5));
            TwoPeers.Side other = peers.otherThan(closing);
            Witness witness = new Witness(other.lastPublished());
            peers.network.cutOneWay(List.of(closing.host), List.of(other.host));
            peers.network.await(closing.lastPublished().close(7, "unheard"), CLOSE_LIMIT);
            peers.network.heal();
            peers.network.advance(TwoPeers.IDLE_TIMEOUT.plusSeconds(1));

            witness.assertLost(
                    seed, ConnectionLostException.Reason.IDLE_TIMEOUT, ConnectionLostException.Reason.STATELESS_RESET);
            peers.assertNothingIsLeft("after the close");
        }
    }

    @Test
    void aConnectionThatIsClosedByEitherSideAsSoonAsItIsEstablishedLeavesNothing() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            TwoPeers.Side closing = peers.side(peers.random.chance(0.5));
            List<Witness> witnesses = new ArrayList<>();
            peers.a.onPublished = connection -> witnesses.add(new Witness(connection));
            peers.b.onPublished = connection -> witnesses.add(new Witness(connection));
            closing.onPublished = connection -> {
                witnesses.add(new Witness(connection));
                connection.close(3, "not today").subscribe();
            };
            List<PeerConnection> connected = new ArrayList<>();
            List<Throwable> failures = new ArrayList<>();
            peers.a.node().connect(peers.b.node().addressAs("b")).subscribe(connected::add, failures::add);
            peers.network.advance(TwoPeers.IDLE_TIMEOUT.plus(TwoPeers.HANDSHAKE_TIMEOUT));

            assertThat(failures).as("seed %d", seed).isEmpty();
            assertThat(connected).as("seed %d", seed).isEqualTo(peers.a.published);
            assertThat(witnesses).as("seed %d", seed).isNotEmpty();
            peers.assertNothingIsLeft("after the close");
            assertThat(witnesses).as("each publisher has ended, seed %d", seed).allMatch(Witness::isOver);
        }
    }

    @Test
    void whoClosesAndDialsAgainAtOnceGetsANewConnection() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            PeerConnection first = peers.connect(peers.a, peers.b);
            TwoPeers.Side closing = peers.side(peers.random.chance(0.5));
            TwoPeers.Side other = peers.otherThan(closing);
            List<PeerConnection> again = new ArrayList<>();
            List<Throwable> failures = new ArrayList<>();
            closing.lastPublished().close().subscribe();
            closing.node().connect(other.node().addressAs(other.host.name())).subscribe(again::add, failures::add);
            peers.network.advance(Duration.ofSeconds(30));

            assertThat(failures).as("seed %d", seed).isEmpty();
            assertThat(again).as("seed %d", seed).singleElement().isNotSameAs(first);
            peers.assertOneConnection("after the second dial");
            Traffic traffic =
                    Traffic.start(peers.network, again.get(0), other.lastPublished(), 5, Duration.ofMillis(50));
            peers.network.advance(Duration.ofSeconds(30));
            traffic.assertAllDelivered("over the second connection");
            peers.closeAndAssertNothingIsLeft(again.get(0), "after the second");
        }
    }
}
