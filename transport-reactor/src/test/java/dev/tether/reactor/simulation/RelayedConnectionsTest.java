package dev.tether.reactor.simulation;

import static dev.tether.reactor.simulation.RelayChain.bytes;
import static dev.tether.reactor.simulation.RelayChain.watch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.MessageTooLargeException;
import dev.tether.core.error.TransportException;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerStream;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.Relay;
import dev.tether.reactor.TransportNode;
import dev.tether.reactor.simulation.RelayChain.Received;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Connections that are relayed as a whole: messages, and what the end of one is to the other; in virtual time. */
class RelayedConnectionsTest {

    private static long codeOf(PeerConnection connection) {
        assertThat(connection.state()).isInstanceOf(ConnectionState.Closing.class);
        return ((ConnectionState.Closing) connection.state()).reason().code();
    }

    private static String textOf(PeerConnection connection) {
        return ((ConnectionState.Closing) connection.state()).reason().text();
    }

    @Test
    void messagesGoBothWaysInOrder() {
        RelayChain chain = RelayChain.calm(3);
        List<String> expected =
                IntStream.range(0, 2_000).mapToObj(i -> "message " + i).toList();
        List<String> there = new ArrayList<>();
        List<String> back = new ArrayList<>();
        chain.last().receive().asString().subscribe(there::add, failure -> {});
        chain.first().receive().asString().subscribe(back::add, failure -> {});
        watch(chain.first().sendString(Flux.fromIterable(expected)));
        watch(chain.last().sendString(Flux.fromIterable(expected)));
        chain.network.advance(Duration.ofSeconds(30));
        assertThat(there).isEqualTo(expected);
        assertThat(back).isEqualTo(expected);
        chain.closeAndAssertNothingIsLeft();
    }

    @Test
    void datagramsGoBothWaysAndOneThatIsTooLongIsDropped() {
        RelayChain chain = new RelayChain(
                8, 1, SimulatedNetwork.DEFAULT_LINK, settings -> settings, settings -> settings.datagramSize(1_400));
        List<Integer> there = new ArrayList<>();
        List<Integer> back = new ArrayList<>();
        chain.last().receiveDatagrams().map(ByteBuf::readableBytes).subscribe(there::add, failure -> {});
        chain.first().receiveDatagrams().map(ByteBuf::readableBytes).subscribe(back::add, failure -> {});
        for (int size : new int[] {10, 20, 30}) {
            watch(chain.first().sendDatagram(Mono.just(Unpooled.buffer(size).writeZero(size))));
            watch(chain.last().sendDatagram(Mono.just(Unpooled.buffer(size + 1).writeZero(size + 1))));
            chain.network.advance(Duration.ofSeconds(1));
        }
        int tooLong = chain.first().maxDatagramSize() + 1;
        Received left = watch(
                chain.last().sendDatagram(Mono.just(Unpooled.buffer(tooLong).writeZero(tooLong))));
        watch(chain.last().sendDatagram(Mono.just(Unpooled.buffer(31).writeZero(31))));
        chain.network.advance(Duration.ofSeconds(1));
        assertThat(left.completed).isTrue();
        assertThat(there).containsExactly(10, 20, 30);
        assertThat(back).containsExactly(11, 21, 31, 31);
        chain.closeAndAssertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCloseGoesThroughWithItsCodeAndReason(boolean byOrigin) {
        RelayChain chain = RelayChain.calm(3);
        PeerConnection closing = byOrigin ? chain.first() : chain.last();
        PeerConnection other = byOrigin ? chain.last() : chain.first();
        Peers.End end = Peers.endOf(other);
        closing.close(42, "enough").subscribe();
        chain.network.advance(Duration.ofSeconds(20));
        assertThat(end.isThere()).isTrue();
        assertThat(codeOf(other)).isEqualTo(42);
        assertThat(textOf(other)).isEqualTo("enough");
        assertThat(chain.relayed).allMatch(relayed -> relayed.completed);
        chain.assertNothingIsLeft();
    }

    @Test
    void whatWasAcknowledgedBeforeACloseIsDeliveredBeforeIt() {
        for (long code : new long[] {0, 7}) {
            RelayChain chain = RelayChain.calm(2);
            chain.relays.get(1).uplink(LinkSettings.PERFECT.bytesPerSecond(20_000));
            List<Integer> sizes = new ArrayList<>();
            Received messages = watch(chain.last().receive().doOnNext(message -> sizes.add(message.readableBytes())));
            PeerStream stream = chain.open();
            Received streamSent =
                    watch(stream.send(Mono.just(Unpooled.buffer(50_000).writeZero(50_000))));
            Received sent = watch(chain.first()
                    .send(Flux.range(0, 100).map(i -> Unpooled.buffer(1_000).writeZero(1_000))));
            PeerStream there = chain.accepted();
            Received streamReceived = watch(there.receive());
            while (!sent.completed || !streamSent.completed) {
                chain.network.advance(Duration.ofMillis(100));
            }
            assertThat(sizes).as("under way").hasSizeLessThan(100);
            chain.first().close(code, "done").subscribe();
            chain.network.advance(Duration.ofSeconds(25));

            assertThat(sizes).as("code %d", code).hasSize(100);
            assertThat(streamReceived.completed).isTrue();
            assertThat(streamReceived.bytes.size()).isEqualTo(50_000);
            assertThat(codeOf(chain.last())).isEqualTo(code);
            assertThat(messages.completed).isEqualTo(code == 0);
            chain.assertNothingIsLeft();
        }
    }

    @Test
    void anOrderlyEndThatCouldNotBeDeliveredIsNone() {
        RelayChain chain = new RelayChain(
                2,
                1,
                SimulatedNetwork.DEFAULT_LINK,
                settings -> settings.streamWindow(20_000).maxStreamWindow(20_000));
        // The destination asks for nothing.
        Received sent = watch(chain.first()
                .send(Flux.range(0, 30).map(i -> Unpooled.buffer(1_000).writeZero(1_000))));
        chain.network.advance(Duration.ofSeconds(5));
        assertThat(sent.completed).isTrue();
        chain.first().close().subscribe();
        chain.network.advance(Relay.DELIVERY_LIMIT.minusSeconds(2));
        assertThat(chain.last().state()).isInstanceOf(ConnectionState.Established.class);
        chain.network.advance(Duration.ofSeconds(10));
        assertThat(codeOf(chain.last())).isEqualTo(Relay.FAILED);
        assertThat(textOf(chain.last())).contains("could not deliver");
        Received received = watch(chain.last().receive());
        chain.network.advance(Duration.ofSeconds(1));
        received.failedWith(ConnectionClosedException.class);
        chain.assertNothingIsLeft();
    }

    @Test
    void aDestinationThatDiesIsAnErrorOfTheRelayAndACodeAtTheOrigin() {
        RelayChain chain = RelayChain.calm(1);
        PeerStream stream = chain.open();
        Received sent = watch(stream.send(Flux.concat(Flux.just(bytes("begun")), Flux.never())));
        Received answer = watch(stream.receive());
        watch(chain.accepted().receive());
        chain.destination.crash();
        chain.network.advance(Duration.ofSeconds(150));

        chain.relayed.get(0).failedWith(ConnectionLostException.class);
        assertThat(codeOf(chain.first())).isEqualTo(Relay.FAILED);
        assertThat(textOf(chain.first())).contains("lost the other peer");
        assertThat(sent.failure).isInstanceOf(TransportException.class);
        assertThat(answer.failure).isInstanceOf(TransportException.class);
    }

    @Test
    void aRelayThatDiesIsATypedErrorAtBothEnds() {
        RelayChain chain = RelayChain.calm(1);
        PeerStream stream = chain.open();
        Received sent = watch(stream.send(Flux.concat(Flux.just(bytes("begun")), Flux.never())));
        Received answer = watch(stream.receive());
        PeerStream there = chain.accepted();
        Received received = watch(there.receive());
        Received answered = watch(there.send(Flux.never()));
        Peers.End origin = Peers.endOf(chain.first());
        Peers.End destination = Peers.endOf(chain.last());
        chain.network.advance(Duration.ofSeconds(1));
        chain.relays.get(0).crash();
        chain.network.advance(Duration.ofSeconds(150));

        assertThat(origin.as(ConnectionLostException.class).reason())
                .isEqualTo(ConnectionLostException.Reason.IDLE_TIMEOUT);
        assertThat(destination.as(ConnectionLostException.class).reason())
                .isEqualTo(ConnectionLostException.Reason.IDLE_TIMEOUT);
        for (Received part : List.of(sent, answer, received, answered)) {
            part.failedWith(ConnectionLostException.class);
        }
    }

    @Test
    void aMessageThatTheOtherPeerDoesNotAcceptEndsBothConnections() {
        SimulatedNetwork network = SimulatedNetwork.create(3);
        List<PeerConnection> accepted = new ArrayList<>();
        TransportNode small = ReactiveTransport.create()
                .runOn(network.host("small"))
                .settings(settings -> settings.maxMessageSize(1_000))
                .port(Peers.PORT)
                .doOnConnection(accepted::add)
                .bindNow();
        List<Throwable> failures = new ArrayList<>();
        TransportNode relay = relayTo(network, small, "small", failures);
        TransportNode large =
                ReactiveTransport.create().runOn(network.host("large")).bindNow();
        PeerConnection connection = Peers.connect(network, large, relay, "relay");
        watch(connection.send(Mono.just(Unpooled.buffer(2_000).writeZero(2_000))));
        network.advance(Duration.ofSeconds(10));

        assertThat(failures).singleElement().isInstanceOf(MessageTooLargeException.class);
        assertThat(codeOf(connection)).isEqualTo(Relay.FAILED);
        assertThat(textOf(connection)).contains("2000");
        assertThat(codeOf(accepted.get(0))).isEqualTo(Relay.FAILED);
    }

    @Test
    void whoCancelsARelayClosesBothConnections() {
        SimulatedNetwork network = SimulatedNetwork.create(4);
        List<PeerConnection> accepted = new ArrayList<>();
        TransportNode end = ReactiveTransport.create()
                .runOn(network.host("end"))
                .port(Peers.PORT)
                .doOnConnection(accepted::add)
                .bindNow();
        List<Disposable> running = new ArrayList<>();
        SimulatedHost host = network.host("relay");
        TransportNode dialer = Peers.client(host);
        TransportNode relay = ReactiveTransport.create()
                .runOn(host)
                .port(Peers.PORT)
                .doOnConnection(peer -> running.add(dialer.connect(end.addressAs("end"))
                        .flatMap(there -> Relay.connections(peer, there))
                        .subscribe()))
                .bindNow();
        TransportNode origin = Peers.client(network.host("origin"));
        PeerConnection connection = Peers.connect(network, origin, relay, "relay");
        PeerStream stream = Objects.requireNonNull(network.await(connection.openStream(), Peers.LIMIT));
        Received sent = watch(stream.send(Flux.concat(Flux.just(bytes("begun")), Flux.never())));
        network.advance(Duration.ofSeconds(5));
        running.get(0).dispose();
        network.advance(Duration.ofSeconds(5));
        assertThat(codeOf(connection)).isEqualTo(Relay.FAILED);
        assertThat(codeOf(accepted.get(0))).isEqualTo(Relay.FAILED);
        assertThat(sent.failure).isNotNull();
    }

    @Test
    void aConnectionThatIsRelayedAlreadyIsNotDisturbed() {
        SimulatedNetwork network = SimulatedNetwork.create(5);
        TransportNode echo = Peers.server(network.host("echo"));
        List<Throwable> failures = new ArrayList<>();
        TransportNode relay = relayTo(network, echo, "echo", failures);
        PeerConnection one = Peers.connect(network, Peers.client(network.host("one")), relay, "relay");
        Peers.assertEcho(network, one);
        // The same two keys have the same connection.
        PeerConnection two = Peers.connect(network, Peers.client(network.host("two")), relay, "relay");
        network.advance(Duration.ofSeconds(5));
        assertThat(failures).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(codeOf(two)).as("as its handler has failed").isEqualTo(1);
        Peers.assertEcho(network, one);
    }

    private static TransportNode relayTo(
            SimulatedNetwork network, TransportNode next, String nextHost, List<Throwable> failures) {
        SimulatedHost host = network.host("relay");
        TransportNode dialer = Peers.client(host);
        return ReactiveTransport.create()
                .runOn(host)
                .port(Peers.PORT)
                .handle(peer -> dialer.connect(next.addressAs(nextHost))
                        .flatMap(there -> Relay.connections(peer, there))
                        .doOnError(failures::add))
                .bindNow();
    }
}
