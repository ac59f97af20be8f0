package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.CloseReason;
import dev.tether.core.ConnectionState;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.TransportException;
import dev.tether.reactor.PeerConnection;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Subscribes to every publisher of a connection, and knows how each has ended. */
final class Witness {

    private static final String STATES = "states()";
    private static final String RECEIVE = "receive()";
    private static final String ON_CLOSE = "onClose()";

    final List<ConnectionState> states = new ArrayList<>();
    final List<String> received = new ArrayList<>();
    private final PeerConnection connection;

    /** By the publisher's name: empty for a completion. */
    private final Map<String, Optional<Throwable>> ends = new LinkedHashMap<>();

    private int publishers;

    /** Its {@code send} has a publisher that gives nothing, and so is pending to the end. */
    Witness(PeerConnection connection) {
        this(connection, connection.states());
        watch(RECEIVE, connection.receive().asString().doOnNext(received::add));
        watch(ON_CLOSE, connection.onClose());
        watch("send()", connection.send(Flux.<ByteBuf>never()));
    }

    private Witness(PeerConnection connection, Flux<ConnectionState> published) {
        this.connection = connection;
        watch(STATES, published.doOnNext(states::add));
    }

    /** One that leaves {@code receive()} to others. */
    static Witness ofStates(PeerConnection connection) {
        return new Witness(connection, connection.states());
    }

    Witness ping() {
        watch("ping()", connection.ping());
        return this;
    }

    Witness send(String message) {
        watch("send() of a message", connection.sendString(Mono.just(message)));
        return this;
    }

    /** Whether no publisher has ended. */
    boolean isUntouched() {
        return ends.isEmpty();
    }

    ConnectionState lastState() {
        return states.get(states.size() - 1);
    }

    /** Whether every publisher has ended. */
    boolean isOver() {
        return ends.size() == publishers;
    }

    /** Every publisher has errored with one and the same loss, for one of these reasons. */
    void assertLost(long seed, ConnectionLostException.Reason... reasons) {
        assertThat(ends).as("publishers that have ended, seed %d", seed).hasSize(publishers);
        assertThat(Set.copyOf(ends.values()))
                .as("causes, seed %d", seed)
                .singleElement()
                .satisfies(cause -> assertThat(cause)
                        .get()
                        .isInstanceOfSatisfying(
                                ConnectionLostException.class,
                                lost -> assertThat(lost.reason()).isIn((Object[]) reasons)));
    }

    /**
     * States have completed, and what was pending has errored, for this close.
     *
     * @param isOrderly whether {@code receive()} completes
     */
    void assertClosed(long seed, CloseReason reason, boolean isOrderly) {
        assertThat(ends).as("publishers that have ended, seed %d", seed).hasSize(publishers);
        assertThat(states).as("seed %d", seed).last().isEqualTo(new ConnectionState.Closing(reason));
        ends.forEach((publisher, end) -> {
            boolean completes = switch (publisher) {
                case STATES, ON_CLOSE -> true;
                case RECEIVE -> isOrderly;
                default -> false;
            };
            if (completes) {
                assertThat(end).as("end of %s, seed %d", publisher, seed).isEmpty();
            } else {
                assertThat(end)
                        .as("end of %s, seed %d", publisher, seed)
                        .get()
                        .isInstanceOfSatisfying(
                                ConnectionClosedException.class,
                                closed -> assertThat(closed.reason()).isEqualTo(reason));
            }
        });
    }

    private void watch(String name, Publisher<?> publisher) {
        publishers++;
        Flux.from(publisher)
                .subscribe(
                        value -> {},
                        failure -> ends.put(
                                name,
                                Optional.of(
                                        failure instanceof TransportException known ? known.ofConnection() : failure)),
                        () -> ends.put(name, Optional.empty()));
    }
}
