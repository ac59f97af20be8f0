package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.Peers.LIMIT;
import static dev.tether.reactor.simulation.Peers.assertEcho;
import static dev.tether.reactor.simulation.Peers.client;
import static dev.tether.reactor.simulation.Peers.connect;
import static dev.tether.reactor.simulation.Peers.server;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.TransportSettings;
import dev.tether.core.error.InternalErrorException;
import dev.tether.core.error.TransportException;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerStream;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/** An application whose subscribers throw harms the connection in question, and nobody else. */
class ThrowingSubscribersTest {

    private final SimulatedNetwork network = SimulatedNetwork.create(9);
    private final SimulatedHost a = network.host("a");
    private final List<PeerConnection> accepted = new ArrayList<>();
    private final TransportNode server = ReactiveTransport.create()
            .runOn(network.host("b"))
            .doOnConnection(accepted::add)
            .bindNow();
    private final TransportNode client = client(a);

    static List<Throwable> thrown() {
        return List.of(
                new IllegalStateException("a mistake"),
                new AssertionError("a mistake"),
                new NoClassDefFoundError("a/B"));
    }

    @AfterEach
    void nothingThrowsAndNothingLeaks() {
        assertThat(network.failures()).isEmpty();
        assertThat(network.datagramBytes()).isZero();
    }

    @ParameterizedTest
    @MethodSource("thrown")
    void aSubscriberOfMessagesThatThrowsEndsItsConnectionWithATypedCauseAndThePeerLearnsOfIt(Throwable mistake) {
        PeerConnection other = connect(network, client, server(network.host("c")), "c");
        PeerConnection broken = connect(network, client, server, "b");
        Peers.End end = Peers.endOf(broken);
        Peers.End remoteEnd = Peers.endOf(accepted.get(0));
        List<Throwable> failures = new ArrayList<>();
        broken.receive().subscribe(new Throwing(mistake, failures));
        broken.sendString(Flux.never()).subscribe(nothing -> {}, failures::add);
        broken.ping().subscribe(roundTrip -> {}, failures::add);
        accepted.get(0).sendString(Flux.just("one", "two")).subscribe(nothing -> {}, failure -> {});
        network.advance(Duration.ofSeconds(3));

        InternalErrorException cause = end.as(InternalErrorException.class);
        assertThat(cause).hasCause(mistake);
        assertThat(cause.byPeer()).isFalse();
        assertThat(cause.remoteIdentity()).isEqualTo(server.identity());
        assertThat(failures)
                .as("receive, send and ping")
                .hasSize(3)
                .extracting(failure -> ((TransportException) failure).ofConnection())
                .containsOnly(cause);
        assertThat(remoteEnd.as(InternalErrorException.class).byPeer()).isTrue();
        assertThat(remoteEnd.as(InternalErrorException.class).getMessage()).doesNotContain("a mistake");
        assertThat(Objects.requireNonNull(network.await(client.statistics(), LIMIT))
                        .internalErrors())
                .isEqualTo(1);
        assertThat(other.state()).isInstanceOf(ConnectionState.Established.class);
        assertEcho(network, other);
        assertEcho(network, connect(network, client, server(network.host("d")), "d"));
    }

    /** Reactor's own subscribers catch what their consumer throws, cancel, and tell it to the error consumer. */
    @Test
    void aConsumerThatThrowsCancelsItsSubscriptionAndTheConnectionGoesOn() {
        PeerConnection connection = connect(network, client, server, "b");
        List<Throwable> failures = new ArrayList<>();
        List<String> rest = new ArrayList<>();
        connection
                .receive()
                .subscribe(
                        message -> {
                            throw new IllegalStateException("a mistake");
                        },
                        failures::add);
        network.await(accepted.get(0).sendString(Flux.just("one", "two")), LIMIT);
        connection.receive().asString().subscribe(rest::add);
        network.advance(Duration.ofSeconds(1));

        assertThat(failures).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(rest).containsExactly("two");
        assertThat(connection.state()).isInstanceOf(ConnectionState.Established.class);
    }

    @Test
    void errorConsumersThatThrowKeepNoOtherFromItsError() {
        PeerConnection connection = connect(network, client, server, "b");
        network.link(a, network.host("b")).cut();
        List<Throwable> failures = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            connection.sendString(Flux.never()).subscribe(nothing -> {}, failure -> failAfter(failures, failure));
            connection.ping().subscribe(roundTrip -> {}, failure -> failAfter(failures, failure));
            client.connect(server.addressAs("192.0.2.1")).subscribe(it -> {}, failure -> failAfter(failures, failure));
        }
        connection.receive().subscribe(message -> {}, failure -> failAfter(failures, failure));
        Peers.End end = Peers.endOf(connection);
        network.advance(Duration.ofMillis(1));

        client.dispose();
        network.advance(Duration.ofSeconds(1));

        // connect(…) to a peer that there is a connection with gives that one.
        assertThat(failures).hasSize(7);
        assertThat(end.isThere()).isTrue();
    }

    @Test
    void errorConsumersOfStreamsThatThrowKeepNoOtherFromItsError() {
        TransportNode strict = ReactiveTransport.create()
                .runOn(network.host("e"))
                .settings(TransportSettings.defaults().toBuilder().maxStreams(1).build())
                .bindNow();
        PeerConnection connection = connect(network, client, strict, "e");
        PeerStream stream = Objects.requireNonNull(network.await(connection.openStream(), LIMIT));
        List<Throwable> failures = new ArrayList<>();
        stream.receive().subscribe(bytes -> {}, failure -> failAfter(failures, failure));
        stream.send(Flux.never()).subscribe(nothing -> {}, failure -> failAfter(failures, failure));
        connection.streams().subscribe(opened -> {}, failure -> failAfter(failures, failure));
        for (int i = 0; i < 3; i++) {
            connection.openStream().subscribe(opened -> {}, failure -> failAfter(failures, failure));
        }
        connection.ping().subscribe(roundTrip -> {}, failure -> failAfter(failures, failure));
        network.link(a, network.host("e")).cut();
        network.advance(Duration.ofMillis(1));

        client.dispose();
        network.advance(Duration.ofSeconds(1));

        assertThat(failures).hasSize(7);
    }

    private static void failAfter(List<Throwable> failures, Throwable failure) {
        failures.add(failure);
        throw new IllegalStateException("a mistake");
    }

    /** Takes no care of itself, unlike those of Reactor. */
    private record Throwing(Throwable mistake, List<Throwable> failures) implements CoreSubscriber<ByteBuf> {

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuf message) {
            ThrowingSubscribersTest.<RuntimeException>sneak(mistake);
        }

        @Override
        public void onError(Throwable failure) {
            failures.add(failure);
        }

        @Override
        public void onComplete() {
            failures.add(new AssertionError("completes"));
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
