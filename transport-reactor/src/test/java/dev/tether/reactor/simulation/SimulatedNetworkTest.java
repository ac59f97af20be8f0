package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static dev.tether.reactor.simulation.Peers.assertEcho;
import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.connect;
import static dev.tether.reactor.simulation.Peers.server;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.simulation.DropCause;
import dev.tether.core.simulation.NatSettings;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.TransportNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

class SimulatedNetworkTest {

    private final SimulatedNetwork network = SimulatedNetwork.create(1);

    @Test
    void awaitGivesTheValueAtItsTime() {
        Mono<String> later = Mono.just("value").delayElement(Duration.ofSeconds(3), network.scheduler());

        assertThat(network.await(later, LIMIT)).isEqualTo("value");
        assertThat(network.elapsed()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void awaitGivesNullForAnEmptyCompletion() {
        assertThat(network.<String>await(Mono.empty(), LIMIT)).isNull();
        assertThat(network.elapsed()).isZero();
    }

    @Test
    void awaitThrowsTheError() {
        assertThatThrownBy(() -> network.await(Mono.error(new IllegalArgumentException("no")), LIMIT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no");
        assertThatThrownBy(() -> network.await(Mono.error(new IOException("no")), LIMIT))
                .satisfies(thrown -> assertThat(Exceptions.unwrap(thrown)).isInstanceOf(IOException.class));
    }

    @Test
    void awaitGivesUpAfterTheLimitAndCancels() {
        AtomicBoolean cancelled = new AtomicBoolean();

        assertThatThrownBy(
                        () -> network.await(Mono.never().doOnCancel(() -> cancelled.set(true)), Duration.ofSeconds(5)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("PT5S");

        assertThat(cancelled).isTrue();
        assertThat(network.elapsed()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void fromWithinTheSimulationTimeCannotBeMovedAndNothingIsSubscribed() {
        AtomicBoolean subscribed = new AtomicBoolean();
        List<Throwable> refusals = new ArrayList<>();
        network.scheduler().schedule(() -> {
            try {
                network.advance(Duration.ofSeconds(1));
            } catch (IllegalStateException e) {
                refusals.add(e);
            }
            try {
                network.await(Mono.never().doOnSubscribe(s -> subscribed.set(true)), LIMIT);
            } catch (IllegalStateException e) {
                refusals.add(e);
            }
        });

        assertThat(refusals)
                .hasSize(2)
                .allSatisfy(it -> assertThat(it).hasMessage("time cannot be moved from within the simulation"));
        assertThat(subscribed).isFalse();
    }

    @Test
    void aNetworkThatFollowsASchedulerSaysSo() {
        SimulatedNetwork driven = SimulatedNetwork.create(1, VirtualTimeScheduler.create());

        assertThatThrownBy(() -> driven.advance(Duration.ofSeconds(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("follows", "VirtualTimeScheduler");
        assertThatThrownBy(() -> driven.await(Mono.empty(), LIMIT)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatAnObserverThrowsReachesTheTestAndDisturbsNobody() {
        SimulatedHost a = network.host("a");
        TransportNode server = server(network.host("b"));
        PeerConnection connection = connect(network, client(a), server, "b");
        a.watch(watched -> {
            throw new AssertionError("an invariant");
        });
        network.onEvent(event -> {
            throw new IllegalStateException("a listener");
        });

        assertThatThrownBy(() -> network.await(connection.sendString(Mono.just("hello")), LIMIT))
                .isInstanceOf(AssertionError.class)
                .hasMessage("an invariant");
        assertThat(network.failures()).hasAtLeastOneElementOfType(AssertionError.class);
        assertThat(connection.state()).isInstanceOf(ConnectionState.Established.class);
    }

    @Test
    void hostsAreFoundByNameAndNamesAreUnique() throws Exception {
        SimulatedHost a = network.host("a");
        network.nat("nat", NatSettings.FULL_CONE);

        assertThat(network.host("a")).isSameAs(a);
        assertThat(network.hosts()).containsExactly(a);
        assertThatThrownBy(() -> network.host("nat")).hasMessageContaining("'nat' is a NAT");
        assertThatThrownBy(() -> network.host("a", InetAddress.getByName("203.0.113.1")))
                .hasMessageContaining("there is a 'a' in this network already");
        assertThatThrownBy(() -> network.host("c", a.address())).hasMessageContaining("is the address of a already");
    }

    @Test
    void aHostThatDoesNotExistCannotBeResolved() {
        TransportNode node = client(network.host("a"));

        assertThatThrownBy(() -> network.await(node.connect(node.addressAs("nobody")), LIMIT))
                .isInstanceOfSatisfying(
                        ConnectionEstablishmentException.class,
                        e -> assertThat(e.reason()).isEqualTo(ConnectionEstablishmentException.Reason.UNREACHABLE));
    }

    @Test
    void nodesConnectOverIpVersion6() throws Exception {
        TransportNode server = server(network.host("six", InetAddress.getByName("2001:db8::6")));
        TransportNode client = client(network.host("seven", InetAddress.getByName("2001:db8::7")));

        assertEcho(network, connect(network, client, server, "six"));
        assertEcho(network, connect(network, client, server, "2001:db8::6"));
    }

    @Test
    void anInjectedDatagramArrivesWithAnySourceAndIsPartOfTheHistory() {
        RawSocket socket = RawSocket.bind(network, network.host("a"), 1);
        InetSocketAddress anybody = new InetSocketAddress("192.0.2.1", 1234);

        network.host("a").inject(anybody, 1, new byte[] {1});
        String one = network.traceHash();
        network.host("a").inject(anybody, 2, new byte[] {1});

        assertThat(socket.received)
                .singleElement()
                .satisfies(it -> assertThat(it.from()).isEqualTo(anybody));
        assertThat(network.statistics().dropped()).containsEntry(DropCause.PORT_CLOSED, 1L);
        assertThat(network.traceHash()).isNotEqualTo(one);
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void anotherThreadMayUseNodesWhileTimePasses() throws Exception {
        TransportNode server = server(network.host("b"));
        PeerConnection connection = connect(network, client(network.host("a")), server, "b");
        List<Throwable> failures = new ArrayList<>();
        int[] sent = new int[1];
        Thread other = new Thread(() -> {
            // A send is a command, of which no more than 100 may wait for an event loop.
            for (int i = 0; i < 50; i++) {
                connection.sendString(Mono.just("hello")).subscribe(nothing -> {}, failures::add, () -> sent[0]++);
            }
        });
        other.start();
        while (other.isAlive()) {
            network.advance(Duration.ofMillis(1));
        }
        network.advance(Duration.ofSeconds(10));

        assertThat(failures).isEmpty();
        assertThat(sent[0]).isEqualTo(50);
    }
}
