package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.connect;
import static dev.tether.reactor.simulation.Peers.server;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.CloseReason;
import dev.tether.core.ConnectionState;
import dev.tether.core.PeerAddress;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.simulation.Jitter;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerLink;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** {@code node.close(limit)}: what is accepted before it arrives, nothing is accepted after it, and everything ends. */
class OrderlyCloseTest {

    private static final Duration LONG = Duration.ofMinutes(2);

    /** Below the idle timeout, as a side may miss every packet of the other's close. */
    private static final Duration SHORT = Duration.ofSeconds(60);

    private static final CloseReason CLOSING = new CloseReason(false, true, 0, "the node is closing");

    private final SimulatedNetwork network = SimulatedNetwork.create(8);
    private final SimulatedHost a = network.host("a");
    private final SimulatedHost b = network.host("b");

    // What was accepted arrives

    @Test
    void everythingAcceptedBeforeACloseArrivesOverLinksThatLoseAndDelay() {
        int cutShort = 0;
        int completed = 0;
        for (long seed = 0; seed < 200; seed++) {
            Exchange exchange = new Exchange(seed);
            exchange.closeInTheMidst();
            cutShort += exchange.cutShort();
            completed += exchange.completed();
        }
        // Otherwise the seeds show only one of both.
        assertThat(cutShort).as("sends whose publisher had not completed").isGreaterThan(100);
        assertThat(completed).as("sends that have completed").isGreaterThan(100);
    }

    @Test
    void bothSidesThatCloseAtOnceEndAndLoseNothingInSilence() {
        for (long seed = 0; seed < 60; seed++) {
            Exchange exchange = new Exchange(seed);
            exchange.closeFromBothSides();
        }
    }

    /** Two nodes on bad links, one of which sends. */
    private static final class Exchange {

        private final long seed;
        private final SimulatedNetwork network;
        private final SeededRandom random;
        private final Map<Integer, Integer> received = new HashMap<>();
        private final List<Sending> sendings = new ArrayList<>();
        private final TransportNode receiver;
        private final TransportNode sender;
        private final PeerConnection connection;

        Exchange(long seed) {
            this.seed = seed;
            this.network = SimulatedNetwork.create(seed);
            this.random = new SeededRandom(seed).split("exchange");
            this.receiver = ReactiveTransport.create()
                    .runOn(network.host("b"))
                    .doOnConnection(peer -> peer.receive().subscribe(this::onMessage, failure -> {}))
                    .bindNow();
            this.sender = ReactiveTransport.create()
                    .runOn(network.host("a"))
                    .settings(settings -> settings.sendBuffer(1 << (12 + random.nextInt(0, 9))))
                    .bindNow();
            this.connection = connect(network, sender, receiver, "b");
            network.changeDefaultLink(SimulatedNetwork.DEFAULT_LINK
                    .latency(Duration.ofMillis(random.nextInt(0, 150)))
                    .jitter(Jitter.exponential(Duration.ofMillis(1 + random.nextInt(0, 5))))
                    .loss(0.1 * random.nextDouble())
                    .duplication(0.1 * random.nextDouble()));
            for (int i = 0; i < 3; i++) {
                sendings.add(new Sending(i, random.nextInt(1, 300), random.nextInt(1, 3_000)));
            }
        }

        /** One call of {@code send}. */
        private final class Sending {
            private final int number;
            private final int messages;
            private int given;
            private boolean completed;
            private @Nullable Throwable failure;

            Sending(int number, int messages, int size) {
                this.number = number;
                this.messages = messages;
                connection
                        .send(Flux.range(0, messages).map(index -> {
                            given++;
                            return Unpooled.buffer(8 + size)
                                    .writeInt(number)
                                    .writeInt(index)
                                    .writeZero(size);
                        }))
                        .subscribe(nothing -> {}, error -> failure = error, () -> completed = true);
            }
        }

        private void onMessage(ByteBuf message) {
            int number = message.readInt();
            int expected = received.getOrDefault(number, 0);
            assertThat(message.readInt())
                    .as("message of send %d, seed %d", number, seed)
                    .isEqualTo(expected);
            received.put(number, expected + 1);
        }

        int cutShort() {
            return (int) sendings.stream().filter(it -> it.failure != null).count();
        }

        int completed() {
            return (int) sendings.stream().filter(it -> it.completed).count();
        }

        void closeInTheMidst() {
            network.advance(Duration.ofMillis(random.nextInt(0, 600)));
            List<Integer> before = sendings.stream().map(it -> it.given).toList();
            network.await(sender.close(LONG), LONG.plusSeconds(1));
            network.advance(Duration.ofSeconds(5));

            assertThat(network.elapsed()).as("seed %d", seed).isLessThan(LONG);

            for (Sending it : sendings) {
                assertThat(it.given)
                        .as("asked for after the close, seed %d", seed)
                        .isEqualTo(before.get(it.number));
                assertThat(received.getOrDefault(it.number, 0))
                        .as("received of what send %d was given, seed %d", it.number, seed)
                        .isEqualTo(it.given);
                assertThat(it.completed).as("send %d, seed %d", it.number, seed).isEqualTo(it.given == it.messages);
                if (!it.completed) {
                    assertClosed(it);
                }
            }
            assertEnded();
        }

        void closeFromBothSides() {
            network.advance(Duration.ofMillis(random.nextInt(0, 600)));
            network.await(Mono.when(sender.close(SHORT), receiver.close(SHORT)), LONG);
            network.advance(Duration.ofSeconds(5));

            for (Sending it : sendings) {
                assertThat(it.completed || it.failure != null)
                        .as("send %d has ended, seed %d", it.number, seed)
                        .isTrue();
                if (it.completed) {
                    assertThat(received.getOrDefault(it.number, 0))
                            .as("received of send %d, seed %d", it.number, seed)
                            .isEqualTo(it.messages);
                } else {
                    assertClosed(it);
                }
            }
            assertEnded();
        }

        private void assertClosed(Sending it) {
            assertThat(it.failure)
                    .as("send %d, seed %d", it.number, seed)
                    .isInstanceOfSatisfying(
                            ConnectionClosedException.class,
                            closed -> assertThat(closed.reason().text()).isEqualTo("the node is closing"));
        }

        private void assertEnded() {
            assertThat(network.failures()).as("seed %d", seed).isEmpty();
            assertThat(network.datagramBytes()).as("seed %d", seed).isZero();
        }
    }

    @Test
    void aPeerThatReadsSlowlyGetsAllOfIt() {
        List<Integer> received = new ArrayList<>();
        TransportNode slow = ReactiveTransport.create()
                .runOn(b)
                .doOnConnection(
                        peer -> peer.receive().map(ByteBuf::readInt).subscribe(new SlowReader(network, received)))
                .bindNow();
        TransportNode sender = client(a);
        PeerConnection connection = connect(network, sender, slow, "b");
        AtomicInteger given = new AtomicInteger();
        connection
                .send(Flux.range(0, 1_000)
                        .doOnNext(i -> given.incrementAndGet())
                        .map(i -> Unpooled.buffer(20_000).writeInt(i).writeZero(19_996)))
                .subscribe(nothing -> {}, failure -> {});
        network.advance(Duration.ofSeconds(2));
        int readBefore = received.size();
        assertThat(given.get()).isGreaterThan(readBefore + 80);

        network.await(sender.close(LONG), LONG);
        network.advance(Duration.ofMinutes(1));

        assertThat(received).isEqualTo(Flux.range(0, given.get()).collectList().block());
    }

    /** Twenty messages a second. */
    private static final class SlowReader extends BaseSubscriber<Integer> {

        private final SimulatedNetwork network;
        private final List<Integer> received;

        SlowReader(SimulatedNetwork network, List<Integer> received) {
            this.network = network;
            this.received = received;
            Flux.interval(Duration.ofMillis(50), network.scheduler())
                    .takeUntil(tick -> isDisposed())
                    .subscribe(tick -> request(1));
        }

        @Override
        protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {}

        @Override
        protected void hookOnNext(Integer number) {
            received.add(number);
        }
    }

    @Test
    void aMessageHandedOverByAnotherThreadRightBeforeACloseArrives() {
        TransportNode client = client(a);
        List<String> received = new ArrayList<>();
        TransportNode server = ReactiveTransport.create()
                .runOn(b)
                .doOnConnection(peer -> peer.receive().asString().subscribe(received::add))
                .bindNow();
        PeerConnection connection = connect(network, client, server, "b");
        List<String> ends = new ArrayList<>();

        connection.sendString(Mono.just("last words")).subscribe(nothing -> {}, failure -> {}, () -> ends.add("sent"));
        client.close(LONG).subscribe(nothing -> {}, failure -> {}, () -> ends.add("closed"));
        network.advance(Duration.ofSeconds(5));

        assertThat(received).containsExactly("last words");
        assertThat(ends).containsExactly("sent", "closed");
        assertThat(connection.state()).isEqualTo(new ConnectionState.Closing(CLOSING));
    }

    // Nothing is accepted any more

    @Test
    void nothingBeginsOnceACloseHasBegun() {
        TransportNode client = client(a);
        TransportNode server = server(b);
        PeerConnection connection = connect(network, client, server, "b");
        network.link(a, b).cut();
        AtomicBoolean cancelled = new AtomicBoolean();
        List<Throwable> early = new ArrayList<>();
        connection
                .sendString(Flux.concat(Mono.just("on its way"), Flux.<String>never())
                        .doOnCancel(() -> cancelled.set(true)))
                .subscribe(nothing -> {}, early::add);
        network.advance(Duration.ofMillis(1));
        client.close(LONG).subscribe();
        network.advance(Duration.ofMillis(1));
        assertThat(cancelled).as("the publisher is asked for nothing more").isTrue();
        assertThat(early).as("its message is still to be delivered").isEmpty();

        AtomicInteger subscriptions = new AtomicInteger();
        assertThatThrownBy(() -> network.await(
                        connection.sendString(Mono.just("late").doOnSubscribe(it -> subscriptions.incrementAndGet())),
                        LIMIT))
                .isInstanceOfSatisfying(
                        ConnectionClosedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(CLOSING));
        assertThatThrownBy(() -> network.await(client.connect(server.addressAs("b")), LIMIT))
                .isInstanceOf(ChannelClosedException.class)
                .hasMessageContaining("closing");
        assertThatThrownBy(() -> connect(network, client(network.host("c")), client, "a"))
                .isInstanceOf(ConnectionEstablishmentException.class);
        assertThat(connection.state()).isNotInstanceOf(ConnectionState.Closing.class);

        network.heal();
        network.advance(LONG);
        assertThat(early)
                .singleElement()
                .isInstanceOfSatisfying(
                        ConnectionClosedException.class,
                        closed -> assertThat(closed.reason()).isEqualTo(CLOSING));
    }

    @Test
    void aPeerWhoseAttemptWasAnsweredBeforeIsToldThatTheNodeCloses() {
        TransportNode server = server(b);
        PeerConnection dead = connect(network, client(network.host("dead")), server, "b");
        network.host("dead").crash();
        List<PeerConnection> connected = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        client(a)
                .connect(server.addressAs("b"))
                .doOnNext(connected::add)
                .flatMap(peer -> peer.sendString(Mono.just("too late")))
                .subscribe(nothing -> {}, failures::add);
        network.advance(Duration.ofMillis(15));
        assertThat(connected).isEmpty();

        server.close(Duration.ofSeconds(1)).subscribe();
        network.advance(Duration.ofSeconds(2));

        assertThat(dead).isNotNull();
        assertThat(connected).hasSize(1);
        assertThat(connected.get(0).state())
                .isEqualTo(new ConnectionState.Closing(new CloseReason(true, true, 0, "the node is closing")));
        assertThat(failures).singleElement().isInstanceOf(ConnectionClosedException.class);
        assertThat(b.messageBytes()).isZero();
    }

    // The limit

    @Test
    void aLimitThatIsTooShortErrorsTheSendsAndTellsThePeer() {
        TransportNode client = client(a);
        PeerConnection connection = connect(network, client, server(b), "b");
        network.link(a, b).change(SimulatedNetwork.DEFAULT_LINK.bytesPerSecond(10_000), LinkSettings.PERFECT);
        List<Throwable> failures = new ArrayList<>();
        connection.sendString(Mono.just("x".repeat(500_000))).subscribe(nothing -> {}, failures::add);
        Peers.End end = Peers.endOf(connection);
        network.advance(Duration.ofMillis(100));
        Duration before = network.elapsed();

        network.await(client.close(Duration.ofSeconds(3)), LONG);

        assertThat(network.elapsed().minus(before)).isEqualTo(Duration.ofSeconds(3));
        assertThat(failures).singleElement().isInstanceOf(ConnectionClosedException.class);
        assertThat(end.isThere()).isTrue();
        assertThat(connection.state()).isEqualTo(new ConnectionState.Closing(CLOSING));
    }

    @Test
    void aPeerThatIsGoneCostsTheLimitAndOthersAreDoneLongBefore() {
        TransportNode client = client(a);
        PeerConnection dead = connect(network, client, server(b), "b");
        PeerConnection live = connect(network, client, server(network.host("c")), "c");
        b.crash();
        List<Throwable> failures = new ArrayList<>();
        dead.sendString(Mono.just("to nobody")).subscribe(nothing -> {}, failures::add);
        Peers.End deadEnd = Peers.endOf(dead);
        Peers.End liveEnd = Peers.endOf(live);
        Duration before = network.elapsed();
        AtomicBoolean closed = new AtomicBoolean();

        client.close(Duration.ofSeconds(5)).subscribe(nothing -> {}, failure -> {}, () -> closed.set(true));
        network.advance(Duration.ofMillis(100));
        assertThat(liveEnd.isThere()).isTrue();
        assertThat(deadEnd.isThere()).isFalse();
        while (!closed.get()) {
            network.advance(Duration.ofMillis(10));
        }

        assertThat(network.elapsed().minus(before)).isBetween(Duration.ofSeconds(5), Duration.ofMillis(5_100));
        assertThat(deadEnd.isThere()).isTrue();
        assertThat(failures).singleElement().isInstanceOf(ConnectionClosedException.class);
    }

    @Test
    void aCloseWithoutAnyTimeTellsEachPeerOnce() {
        TransportNode client = client(a);
        TransportNode server = server(b);
        PeerConnection connection = connect(network, client, server, "b");
        List<String> remoteStates = new ArrayList<>();
        network.onEvent(event -> {
            if (event instanceof SimulationEvent.StateEntered it && it.host().equals("b")) {
                remoteStates.add(it.state().toString());
            }
        });
        List<Throwable> failures = new ArrayList<>();
        connection.sendString(Flux.never()).subscribe(nothing -> {}, failures::add);
        Duration before = network.elapsed();

        network.await(client.close(Duration.ZERO), LIMIT);

        assertThat(network.elapsed()).isEqualTo(before);
        assertThat(failures).singleElement().isInstanceOf(ConnectionClosedException.class);
        network.advance(Duration.ofSeconds(1));
        assertThat(remoteStates).singleElement().asString().contains("the node is closing");
    }

    @Test
    void aNegativeLimitIsRefusedAndClosesNothing() {
        TransportNode client = client(a);
        PeerConnection connection = connect(network, client, server(b), "b");

        assertThatThrownBy(() -> network.await(client.close(Duration.ofMillis(-1)), LIMIT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-0.001S");
        Peers.assertEcho(network, connection);
    }

    @Test
    void aLimitBeyondAllTimeIsNone() {
        TransportNode client = client(a);
        connect(network, client, server(b), "b");

        network.await(client.close(Duration.ofSeconds(Long.MAX_VALUE)), LIMIT);
    }

    // Several calls

    @Test
    void callsJoinAndTheShortestLimitHolds() {
        TransportNode client = client(a);
        connect(network, client, server(b), "b")
                .sendString(Mono.just("to nobody"))
                .subscribe(it -> {}, failure -> {});
        b.crash();
        Duration before = network.elapsed();
        List<Duration> closed = new ArrayList<>();
        for (long seconds : new long[] {20, 4, 60}) {
            client.close(Duration.ofSeconds(seconds))
                    .subscribe(
                            nothing -> {},
                            failure -> {},
                            () -> closed.add(network.elapsed().minus(before)));
        }
        network.advance(LONG);

        assertThat(closed).hasSize(3).containsOnly(Duration.ofSeconds(4));
        network.await(client.close(), LIMIT);
        network.await(client.onDispose(), LIMIT);
    }

    @Test
    void cancellingTheWaitDoesNotStopTheClose() {
        TransportNode client = client(a);
        PeerConnection connection = connect(network, client, server(b), "b");
        Disposable waiting = client.close(LONG).subscribe();
        waiting.dispose();
        network.advance(Duration.ofSeconds(3));

        network.await(client.onDispose(), Duration.ZERO);
        assertThat(connection.state()).isEqualTo(new ConnectionState.Closing(CLOSING));
    }

    @Test
    void disposingDuringACloseEndsItAtOnce() {
        TransportNode client = client(a);
        PeerConnection connection = connect(network, client, server(b), "b");
        b.crash();
        List<Throwable> failures = new ArrayList<>();
        connection.sendString(Mono.just("to nobody")).subscribe(nothing -> {}, failures::add);
        AtomicBoolean closed = new AtomicBoolean();
        client.close(LONG).subscribe(nothing -> {}, failure -> {}, () -> closed.set(true));
        network.advance(Duration.ofSeconds(1));
        assertThat(closed).isFalse();

        client.dispose();
        network.advance(Duration.ofMillis(1));

        assertThat(closed).isTrue();
        assertThat(failures).singleElement().isInstanceOf(ChannelClosedException.class);
        network.advance(LONG);
        assertThat(network.pendingTasks()).isZero();
    }

    @Test
    void aCloseFromWithinASignalOfAConnectionWorks() {
        TransportNode client = client(a);
        PeerConnection connection = connect(network, client, server(b), "b");
        Peers.End end = Peers.endOf(connection);
        connection
                .receive()
                .asString()
                .subscribe(message -> client.close(Duration.ZERO).subscribe(), failure -> {});

        connection.sendString(Mono.just("close")).subscribe(nothing -> {}, failure -> {});
        network.advance(Duration.ofSeconds(1));

        assertThat(end.isThere()).isTrue();
        network.await(client.onDispose(), Duration.ZERO);
        assertThat(network.failures()).isEmpty();
    }

    /** Each call takes a pass of its own, after which the node looks whether its close is over. */
    @Test
    void theEndOfLinksMayCallTheNodeBackWhileItCloses() {
        TransportNode client = client(a);
        List<String> ends = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (String host : List.of("b", "c")) {
            network.host(host);
            client.link(PeerAddress.of(Peers.identity(host).identity(), host, Peers.PORT))
                    .states()
                    .doFinally(end -> client.statistics().subscribe(reading -> ends.add(host), failures::add))
                    .subscribe(state -> {}, failure -> {});
        }
        network.advance(Duration.ofMillis(1));

        network.await(client.close(LONG), LIMIT);

        assertThat(ends).containsExactlyInAnyOrder("b", "c");
        assertThat(failures).isEmpty();
        assertThat(network.failures()).isEmpty();
    }

    @Test
    void aCallBackToTheNodeAsACloseBeginsDoesNotCutItShort() {
        TransportNode client = client(a);
        PeerConnection connection = connect(network, client, server(b), "b");
        network.host("c");
        client.link(PeerAddress.of(Peers.identity("c").identity(), "c", Peers.PORT))
                .states()
                .subscribe(state -> {}, failure -> {}, () -> client.statistics().subscribe());
        List<Object> ends = new ArrayList<>();
        connection
                .sendString(Mono.just("x".repeat(100_000)))
                .subscribe(nothing -> {}, ends::add, () -> ends.add("delivered"));
        network.advance(Duration.ofMillis(1));

        network.await(client.close(LONG), LIMIT);

        assertThat(ends).containsExactly("delivered");
    }

    @Test
    void aSendThatWasCancelledAsItBeganIsNotWaitedFor() {
        TransportNode client = client(a);
        PeerConnection connection = connect(network, client, server(b), "b");
        PeerLink link = client.link(PeerAddress.of(connection.remoteIdentity(), "b", Peers.PORT));
        network.advance(Duration.ofSeconds(1));
        connection.sendString(Flux.just("never", "sent")).subscribe(new CancelsAtOnce());
        link.sendString(Flux.just("never", "sent")).subscribe(new CancelsAtOnce());
        network.advance(Duration.ofSeconds(1));
        Duration before = network.elapsed();

        network.await(client.close(LONG), LONG);

        assertThat(network.elapsed().minus(before)).isLessThan(Duration.ofSeconds(5));
    }

    private static final class CancelsAtOnce extends BaseSubscriber<Void> {

        @Override
        protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
            cancel();
        }
    }

    @Test
    void theCrashOfTheHostDuringACloseEndsEverything() {
        TransportNode client = client(a);
        PeerConnection connection = connect(network, client, server(b), "b");
        network.link(a, b).cut();
        List<Throwable> failures = new ArrayList<>();
        connection.sendString(Mono.just("lost")).subscribe(nothing -> {}, failures::add);
        AtomicBoolean closed = new AtomicBoolean();
        client.close(LONG).subscribe(nothing -> {}, failure -> {}, () -> closed.set(true));
        network.advance(Duration.ofSeconds(1));

        a.crash();
        network.advance(Duration.ofMillis(1));

        assertThat(closed).isTrue();
        assertThat(failures).singleElement().isInstanceOf(ChannelClosedException.class);
        network.await(client.close(), Duration.ZERO);
    }
}
