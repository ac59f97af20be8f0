package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.error.TransportException;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Nodes on simulated hosts, for tests: a server that echoes, clients, and how their connections end. */
final class Peers {

    static final Duration LIMIT = Duration.ofSeconds(30);
    static final int PORT = 4433;

    private Peers() {}

    /** An echo server on port 4433; the same host has the same identity again. */
    static TransportNode server(SimulatedHost host) {
        return ReactiveTransport.create()
                .runOn(host)
                .identity(identity(host.name()))
                .port(PORT)
                .handle(peer -> peer.send(peer.receive().retain()))
                .bindNow();
    }

    static TransportNode client(SimulatedHost host) {
        return ReactiveTransport.create()
                .runOn(host)
                .identity(identity(host.name()))
                .bindNow();
    }

    static KeyPair identity(String name) {
        return KeyPair.generate(new SeededRandom(7).split(name));
    }

    /** Connects, and gives the server time to learn of it. */
    static PeerConnection connect(SimulatedNetwork network, TransportNode client, TransportNode server, String host) {
        PeerConnection connection =
                Objects.requireNonNull(network.await(client.connect(server.addressAs(host)), LIMIT));
        network.advance(Duration.ofSeconds(1));
        return connection;
    }

    /** Sends one message, and gets its echo. */
    static void assertEcho(SimulatedNetwork network, PeerConnection connection) {
        List<String> received = new ArrayList<>();
        connection.receive().asString().take(1).subscribe(received::add, failure -> {});
        network.await(connection.sendString(Mono.just("hello")), LIMIT);
        network.advance(Duration.ofSeconds(2));
        assertThat(received).as("the echo, seed %d", network.seed()).containsExactly("hello");
    }

    /** How a connection ends. */
    static End endOf(PeerConnection connection) {
        End end = new End();
        connection.states().subscribe(state -> {}, end::failed, end::completed);
        return end;
    }

    static final class End {

        private @Nullable Throwable failure;
        private boolean there;

        private void failed(Throwable failure) {
            this.failure = failure;
            there = true;
        }

        private void completed() {
            there = true;
        }

        boolean isThere() {
            return there;
        }

        <T extends TransportException> T as(Class<T> type) {
            assertThat(failure).isInstanceOf(type);
            return type.cast(failure);
        }
    }
}
