package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.CloseReason;
import dev.tether.core.ConnectionState;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

/** Who cancels {@code connect}, at any step of the handshake, leaves nothing behind, and takes nothing from others. */
class CancelledConnectTest {

    private static final int SEEDS = 20;

    /** More than a handshake has: the initiation, the response, the first packets, and copies of them. */
    private static final int MAX_EVENTS = 14;

    /** A dial from within the simulation runs after the call that asks for it, as from any other thread. */
    private static final Duration A_MOMENT = Duration.ofMillis(1);

    /** Cancels a subscription at a moment: once {@code k} datagrams have been sent, have arrived or were dropped. */
    private static final class Cancellation {

        private final int k;
        private int events;
        private @Nullable Disposable subscription;

        Cancellation(TwoPeers peers, int k) {
            this.k = k;
            peers.network.onEvent(event -> {
                if (event instanceof SimulationEvent.Arrived) {
                    // Another thread can cancel between the arrival of a datagram and the event loop's reading of it.
                    onDatagram(this::cancel);
                } else if (event instanceof SimulationEvent.Sent || event instanceof SimulationEvent.Dropped) {
                    onDatagram(() -> peers.after(Duration.ZERO, this::cancel));
                }
            });
        }

        void of(Disposable subscription) {
            this.subscription = subscription;
            if (k == 0) {
                subscription.dispose();
            }
        }

        private void onDatagram(Runnable cancel) {
            events++;
            if (events == k) {
                cancel.run();
            }
        }

        /** From now on it is too late. */
        void disarm() {
            subscription = null;
        }

        private void cancel() {
            if (subscription != null) {
                subscription.dispose();
            }
        }
    }

    @Test
    void aConnectThatIsCancelledAtAnyStepLeavesNoConnectionThatNobodyHolds() {
        int inTime = 0;
        int tooLate = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            for (int k = 0; k <= MAX_EVENTS; k++) {
                TwoPeers peers = seed % 2 == 0 ? TwoPeers.inCalm(seed) : TwoPeers.inStorm(seed);
                List<PeerConnection> connected = new ArrayList<>();
                List<Throwable> failures = new ArrayList<>();
                Cancellation cancellation = new Cancellation(peers, k);
                peers.after(A_MOMENT, () -> cancellation.of(dial(peers, peers.a, connected, failures)));
                peers.network.advance(TwoPeers.IDLE_TIMEOUT.plus(TwoPeers.HANDSHAKE_TIMEOUT));

                String what = "cancelled after event " + k;
                assertThat(failures).as("%s, seed %d", what, seed).isEmpty();
                cancellation.disarm();
                if (connected.isEmpty()) {
                    inTime++;
                    peers.assertNothingIsLeft(what);
                } else {
                    tooLate++;
                    peers.closeAndAssertNothingIsLeft(connected.get(0), what);
                }
            }
        }
        assertThat(inTime).isGreaterThan(2 * SEEDS);
        assertThat(tooLate).isGreaterThan(2 * SEEDS);
    }

    @Test
    void aConnectOfTwoCallersSucceedsForTheOneThatDoesNotCancel() {
        for (long seed = 0; seed < SEEDS; seed++) {
            for (int k = 0; k <= MAX_EVENTS; k++) {
                TwoPeers peers = seed % 2 == 0 ? TwoPeers.inCalm(seed) : TwoPeers.inStorm(seed);
                List<PeerConnection> connected = new ArrayList<>();
                List<PeerConnection> connectedToo = new ArrayList<>();
                List<Throwable> failures = new ArrayList<>();
                Cancellation cancellation = new Cancellation(peers, k);
                boolean first = peers.random.chance(0.5);
                peers.after(A_MOMENT, () -> {
                    Disposable one = dial(peers, peers.a, first ? connectedToo : connected, failures);
                    Disposable other = dial(peers, peers.a, first ? connected : connectedToo, failures);
                    cancellation.of(first ? one : other);
                });
                peers.network.advance(TwoPeers.HANDSHAKE_TIMEOUT.multipliedBy(2));

                String what = "cancelled after event " + k;
                assertThat(failures).as("%s, seed %d", what, seed).isEmpty();
                assertThat(connected)
                        .as("what the other caller was given, %s, seed %d", what, seed)
                        .singleElement()
                        .matches(it -> it.state() instanceof ConnectionState.Established);
                peers.assertOneConnection(what);
                peers.closeAndAssertNothingIsLeft(connected.get(0), what);
            }
        }
    }

    /** The peer's caller is told of the close if it was the cancelled attempt that has just won. */
    @Test
    void aConnectThatCrossesThePeersAndIsCancelledLeavesThePeerAResult() {
        for (long seed = 0; seed < SEEDS; seed++) {
            for (int k = 0; k <= MAX_EVENTS; k++) {
                TwoPeers peers = TwoPeers.inCalm(seed);
                TwoPeers.Side cancelling = peers.side(seed % 2 == 0);
                List<PeerConnection> cancelled = new ArrayList<>();
                List<PeerConnection> connected = new ArrayList<>();
                List<Throwable> failures = new ArrayList<>();
                Cancellation cancellation = new Cancellation(peers, k);
                peers.after(A_MOMENT, () -> {
                    cancellation.of(dial(peers, cancelling, cancelled, failures));
                    dial(peers, peers.otherThan(cancelling), connected, failures);
                });
                peers.network.advance(TwoPeers.HANDSHAKE_TIMEOUT.multipliedBy(2));

                String what = "cancelled after event " + k;
                cancellation.disarm();
                assertThat(failures).as("%s, seed %d", what, seed).isEmpty();
                assertThat(connected)
                        .as("what the peer was given, %s, seed %d", what, seed)
                        .hasSize(1);
                ConnectionState state = connected.get(0).state();
                if (state instanceof ConnectionState.Established) {
                    peers.assertOneConnection(what);
                    peers.closeAndAssertNothingIsLeft(connected.get(0), what);
                } else {
                    assertThat(state)
                            .as("%s, seed %d", what, seed)
                            .isEqualTo(new ConnectionState.Closing(
                                    new CloseReason(true, true, 0, "the attempt was cancelled")));
                    peers.assertNothingIsLeft(what);
                }
            }
        }
    }

    @Test
    void aConnectThatIsCancelledAtAnyStepAndRepeatedSucceeds() {
        for (long seed = 0; seed < SEEDS; seed++) {
            for (int k = 0; k <= MAX_EVENTS; k++) {
                TwoPeers peers = TwoPeers.inCalm(seed);
                List<PeerConnection> cancelled = new ArrayList<>();
                List<PeerConnection> connected = new ArrayList<>();
                List<Throwable> failures = new ArrayList<>();
                Cancellation cancellation = new Cancellation(peers, k);
                peers.after(A_MOMENT, () -> {
                    Disposable first = dial(peers, peers.a, cancelled, failures);
                    cancellation.of(() -> {
                        first.dispose();
                        dial(peers, peers.a, connected, failures);
                    });
                });
                peers.network.advance(Duration.ofSeconds(5));

                String what = "cancelled after event " + k;
                assertThat(failures).as("%s, seed %d", what, seed).isEmpty();
                boolean repeated = cancellation.events >= k;
                cancellation.disarm();
                if (repeated) {
                    assertThat(connected)
                            .as("what the second caller was given, %s, seed %d", what, seed)
                            .singleElement()
                            .matches(it -> it.state() instanceof ConnectionState.Established);
                    peers.network.await(connected.get(0).close(), Peers.LIMIT);
                } else {
                    peers.network.await(cancelled.get(0).close(), Peers.LIMIT);
                }
                peers.network.advance(TwoPeers.IDLE_TIMEOUT);
                peers.assertNothingIsLeft(what);
            }
        }
    }

    private static Disposable dial(
            TwoPeers peers, TwoPeers.Side from, List<PeerConnection> connected, List<Throwable> failures) {
        TwoPeers.Side to = peers.otherThan(from);
        TransportNode node = from.node();
        return node.connect(to.node().addressAs(to.host.name())).subscribe(connected::add, failures::add);
    }
}
