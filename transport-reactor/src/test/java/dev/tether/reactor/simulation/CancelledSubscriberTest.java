package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.CloseReason;
import dev.tether.core.ConnectionState;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What it means to cancel the publishers of a connection and of a node. */
class CancelledSubscriberTest {

    private static final int SEEDS = 50;
    private static final int MESSAGES = 200;

    @Test
    void whoCancelsReceiveLeavesTheRestToTheNextSubscriber() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            List<String> received = new ArrayList<>();
            connection.sendString(messages(peers.network)).subscribe();
            // One subscriber after the other, each for a while, with more or less demand.
            for (int i = 0; i < 10; i++) {
                Disposable subscriber = peers.b
                        .lastPublished()
                        .receive()
                        .asString()
                        .limitRate(peers.random.nextInt(1, 20))
                        .subscribe(received::add);
                peers.network.advance(peers.upToMillis(200));
                subscriber.dispose();
                peers.network.advance(peers.upToMillis(50));
            }
            assertThat(peers.b.lastPublished().state())
                    .as("seed %d", seed)
                    .isInstanceOf(ConnectionState.Established.class);
            peers.b.lastPublished().receive().asString().subscribe(received::add);
            peers.network.advance(Duration.ofSeconds(60));

            assertThat(received).as("seed %d", seed).isEqualTo(allMessages());
            peers.closeAndAssertNothingIsLeft(connection, "after ten subscribers");
        }
    }

    @Test
    void whoCancelsASendHasDeliveredWhatWasTakenAndDisturbsNoOther() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            Witness receiver = new Witness(peers.b.lastPublished());
            List<String> taken = new ArrayList<>();
            List<String> log = new ArrayList<>();
            Disposable sending = connection
                    .sendString(messages(peers.network).doOnNext(taken::add).doOnCancel(() -> log.add("cancelled")))
                    .subscribe(nothing -> {}, failure -> log.add("failed"), () -> log.add("done"));
            peers.network.advance(peers.upToMillis(1_500));
            sending.dispose();
            int takenInTime = taken.size();
            connection.sendString(Mono.just("the next")).subscribe(nothing -> {}, failure -> {}, () -> log.add("next"));
            peers.network.advance(Duration.ofSeconds(60));

            assertThat(taken).as("taken after the cancellation, seed %d", seed).hasSize(takenInTime);
            assertThat(log).as("seed %d", seed).containsExactly("cancelled", "next");
            taken.add("the next");
            assertThat(receiver.received).as("seed %d", seed).isEqualTo(taken);
            peers.closeAndAssertNothingIsLeft(connection, "after a cancelled send");
        }
    }

    @Test
    void whoCancelsStatesOrOnCloseOrAPingChangesNothing() {
        for (long seed = 0; seed < SEEDS; seed++) {
            TwoPeers peers = TwoPeers.inStorm(seed);
            PeerConnection connection = peers.connect(peers.a, peers.b);
            Witness witness = new Witness(connection);
            connection.states().subscribe().dispose();
            connection.onClose().subscribe().dispose();
            connection.ping().subscribe().dispose();
            Disposable late = connection.ping().subscribe();
            peers.network.advance(peers.upToMillis(300));
            late.dispose();
            peers.network.advance(Duration.ofSeconds(30));

            assertThat(witness.isUntouched()).as("seed %d", seed).isTrue();
            assertThat(connection.state()).as("seed %d", seed).isInstanceOf(ConnectionState.Established.class);
            peers.assertOneConnection("after cancellations");
            peers.network.await(connection.close(), Peers.LIMIT);
            witness.assertClosed(seed, new CloseReason(false, true, 0, ""), true);
            peers.network.advance(TwoPeers.IDLE_TIMEOUT);
            peers.assertNothingIsLeft("after cancellations");
        }
    }

    @Test
    void whoCancelsConnectionsLeavesTheRestToTheNextSubscriber() {
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedNetwork network = SimulatedNetwork.create(seed);
            SeededRandom random = new SeededRandom(seed);
            TransportNode server = ReactiveTransport.create()
                    .runOn(network.host("server"))
                    .port(Peers.PORT)
                    .bindNow();
            List<PeerConnection> dialed = new ArrayList<>();
            List<PeerConnection> accepted = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                TransportNode client = Peers.client(network.host("client " + i));
                dialed.add(network.await(client.connect(server.addressAs("server")), Peers.LIMIT));
                network.advance(Duration.ofMillis(100));
                if (random.chance(0.7)) {
                    server.connections()
                            .take(random.nextInt(1, 2))
                            .subscribe(accepted::add)
                            .dispose();
                }
            }
            server.connections().subscribe(accepted::add);
            network.advance(Duration.ofSeconds(1));

            assertThat(accepted)
                    .as("accepted, seed %d", seed)
                    .hasSize(6)
                    .doesNotHaveDuplicates()
                    .allMatch(connection -> connection.state() instanceof ConnectionState.Established);
            assertThat(dialed)
                    .as("dialed, seed %d", seed)
                    .allMatch(connection -> connection.state() instanceof ConnectionState.Established);
        }
    }

    @Test
    void aHandlerThatIsCancelledEndsTheConnectionWithThatCauseAtBothSides() {
        for (long seed = 0; seed < SEEDS; seed++) {
            handled(
                    seed,
                    connection -> connection
                            .receive()
                            .take(1)
                            .then(Mono.error(new CancellationException("the subscriber has cancelled"))),
                    1,
                    "the subscriber has cancelled");
        }
    }

    @Test
    void aHandlerThatErrorsWithoutAMessageIsNamedByItsError() {
        handled(
                0,
                connection -> Mono.error(new CancellationException()),
                1,
                "java.util.concurrent.CancellationException");
    }

    @Test
    void aHandlerThatThrowsEndsTheConnectionWithThatCauseAtBothSides() {
        for (long seed = 0; seed < SEEDS; seed++) {
            handled(
                    seed,
                    connection -> {
                        throw new IllegalStateException("not prepared");
                    },
                    1,
                    "not prepared");
        }
    }

    @Test
    void aHandlerThatCompletesEndsTheConnectionInOrder() {
        for (long seed = 0; seed < SEEDS; seed++) {
            handled(seed, connection -> connection.receive().take(1).then(), 0, "");
        }
    }

    /** A handler gets one message, and ends; both sides are to see that code and text. */
    private static void handled(long seed, Function<PeerConnection, Publisher<Void>> handler, long code, String text) {
        SimulatedNetwork network = SimulatedNetwork.create(seed);
        SeededRandom random = new SeededRandom(seed);
        network.changeDefaultLink(SimulatedNetwork.DEFAULT_LINK.loss(0.1 * random.nextDouble()));
        List<Witness> witnesses = new ArrayList<>();
        TransportNode server = ReactiveTransport.create()
                .runOn(network.host("b"))
                .port(Peers.PORT)
                .doOnConnection(connection -> witnesses.add(Witness.ofStates(connection)))
                .handle(handler)
                .bindNow();
        TransportNode client = ReactiveTransport.create()
                .runOn(network.host("a"))
                .doOnConnection(connection -> witnesses.add(Witness.ofStates(connection)))
                .bindNow();
        client.connect(server.addressAs("b"))
                .flatMap(connection -> connection.sendString(Mono.just("hello")))
                .subscribe(nothing -> {}, failure -> {});
        network.advance(TwoPeers.IDLE_TIMEOUT);

        assertThat(witnesses).as("seed %d", seed).hasSize(2).allMatch(Witness::isOver);
        assertThat(witnesses)
                .as("seed %d", seed)
                .extracting(Witness::lastState)
                .containsExactlyInAnyOrder(
                        new ConnectionState.Closing(new CloseReason(true, true, code, text)),
                        new ConnectionState.Closing(new CloseReason(false, true, code, text)));
        assertThat(network.pendingTasks()).as("seed %d", seed).isZero();
    }

    private static Flux<String> messages(SimulatedNetwork network) {
        return Flux.interval(Duration.ofMillis(10), network.scheduler())
                .onBackpressureBuffer()
                .take(MESSAGES)
                .map(number -> "message " + number);
    }

    private static List<String> allMessages() {
        return IntStream.range(0, MESSAGES).mapToObj(i -> "message " + i).toList();
    }
}
