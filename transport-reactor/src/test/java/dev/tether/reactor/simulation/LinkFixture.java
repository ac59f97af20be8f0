package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.identity;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.PeerAddress;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.LinkState;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerLink;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import reactor.core.publisher.Mono;

/** Two hosts 20 ms apart: a client whose links are tested, and a server that keeps what it receives. */
abstract class LinkFixture {

    static final Duration SECOND = Duration.ofSeconds(1);

    final SimulatedNetwork network = SimulatedNetwork.create(22);
    final SimulatedHost a = network.host("a");
    final SimulatedHost b = network.host("b");

    /** At the server, in the order of its arrival, whatever connection it came over. */
    final List<String> received = new ArrayList<>();

    final TransportNode client = client(a);
    TransportNode server = listen();
    final PeerAddress address = server.addressAs("b");
    private final List<ByteBuf> given = new ArrayList<>();

    LinkFixture() {
        network.changeDefaultLink(LinkSettings.PERFECT.latency(Duration.ofMillis(20)));
    }

    @AfterEach
    void nothingThrowsAndNothingLeaks() {
        assertThat(network.failures()).isEmpty();
        assertThat(network.datagramBytes()).isZero();
        if (!given.isEmpty()) {
            network.await(client.close(), LIMIT);
            assertThat(given)
                    .as("what was given to a send")
                    .filteredOn(it -> it.refCnt() != 0)
                    .isEmpty();
        }
    }

    final TransportNode listen() {
        return ReactiveTransport.create()
                .runOn(b)
                .identity(identity("b"))
                .port(Peers.PORT)
                .doOnConnection(peer -> peer.receive().asString().subscribe(received::add, failure -> {}))
                .bindNow();
    }

    /** A message that has to be released until the client is closed. */
    final ByteBuf message(String text) {
        ByteBuf message = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        given.add(message);
        return message;
    }

    /** The address of the client. */
    final PeerAddress back() {
        return client.addressAs("a");
    }

    /** The server's end of the connection, or a new connection with the client. */
    final PeerConnection accepted() {
        return Objects.requireNonNull(network.await(server.connect(back()), LIMIT));
    }

    static PeerConnection connectionOf(PeerLink link) {
        return ((LinkState.Connected) link.state()).connection();
    }

    static List<LinkState> statesOf(PeerLink link) {
        List<LinkState> states = new ArrayList<>();
        link.states().subscribe(states::add, failure -> {});
        return states;
    }

    /** How a publisher that gives no value, or none that matters, ends. */
    static final class Ending {
        boolean completed;

        @Nullable
        Throwable failure;

        static Ending of(Mono<?> mono) {
            Ending ending = new Ending();
            mono.subscribe(value -> {}, it -> ending.failure = it, () -> ending.completed = true);
            return ending;
        }

        boolean isThere() {
            return completed || failure != null;
        }
    }
}
