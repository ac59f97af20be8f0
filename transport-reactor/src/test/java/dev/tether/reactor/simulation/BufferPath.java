package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.ConnectionState;
import dev.tether.core.TransportSettings;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.PeerLink;
import dev.tether.reactor.PeerStream;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Two hosts, 10 ms apart, and a way in which the one sends buffers to the other. */
final class BufferPath {

    enum Way {
        MESSAGES,
        STREAM,
        DATAGRAMS,
        LINK
    }

    static final int MAX_MESSAGE = 100_000;

    final Way way;
    final SimulatedNetwork network = SimulatedNetwork.create(11);
    final SimulatedHost hostHere = network.host("here");
    final SimulatedHost hostThere = network.host("there");
    final TransportNode nodeHere = bind(hostHere);
    final List<PeerConnection> accepted = new ArrayList<>();
    final TransportNode nodeThere;
    final PeerConnection here;
    final PeerConnection there;

    /** What has arrived, in the order of its arrival; that of streams in pieces that mean nothing. */
    final List<byte[]> received = new ArrayList<>();

    private final boolean reading;
    private @Nullable PeerLink link;

    /** With an application at the other side that takes all that arrives. */
    static BufferPath of(Way way) {
        return new BufferPath(way, true);
    }

    /** With an application at the other side that takes nothing. */
    static BufferPath unread(Way way) {
        return new BufferPath(way, false);
    }

    private BufferPath(Way way, boolean reading) {
        this.way = way;
        this.reading = reading;
        nodeThere = listen();
        here = Peers.connect(network, nodeHere, nodeThere, "there");
        there = accepted.get(0);
    }

    private static TransportNode bind(SimulatedHost host) {
        return ReactiveTransport.create()
                .runOn(host)
                .identity(Peers.identity(host.name()))
                .settings(BufferPath::settings)
                .bindNow();
    }

    TransportNode listen() {
        return ReactiveTransport.create()
                .runOn(hostThere)
                .identity(Peers.identity(hostThere.name()))
                .port(Peers.PORT)
                .settings(BufferPath::settings)
                .doOnConnection(connection -> {
                    accepted.add(connection);
                    if (reading) {
                        read(connection);
                    }
                })
                .bindNow();
    }

    /** A small send buffer that is soon full; datagrams as large as UDP has them. */
    private static TransportSettings.Builder settings(TransportSettings.Builder settings) {
        return settings.sendBuffer(64 * 1024)
                .maxSendBuffer(64 * 1024)
                .maxMessageSize(MAX_MESSAGE)
                .datagramSize(65_000)
                .datagramQueue(4);
    }

    private void read(PeerConnection connection) {
        take(connection.receive());
        take(connection.receiveDatagrams());
        connection.streams().subscribe(stream -> take(stream.receive()), failure -> {});
    }

    private void take(Flux<ByteBuf> buffers) {
        buffers.subscribe(buffer -> received.add(ByteBufUtil.getBytes(buffer)), failure -> {});
    }

    /** A send; on a stream of its own, if on any. */
    Mono<Void> send(Publisher<? extends ByteBuf> buffers) {
        return switch (way) {
            case MESSAGES -> here.send(buffers);
            case STREAM -> open().send(buffers);
            case DATAGRAMS -> here.sendDatagram(buffers);
            case LINK -> link().send(buffers);
        };
    }

    PeerStream open() {
        return Objects.requireNonNull(network.await(here.openStream(), Peers.LIMIT));
    }

    PeerLink link() {
        PeerLink present = link;
        if (present == null) {
            present = nodeHere.link(nodeThere.addressAs("there"));
            link = present;
            run(100);
        }
        return present;
    }

    /** What the application at the other side has to subscribe to; of a stream, it must have begun. */
    Flux<ByteBuf> receive() {
        return switch (way) {
            case MESSAGES -> there.receive();
            case STREAM ->
                Objects.requireNonNull(network.await(there.streams().next(), Peers.LIMIT))
                        .receive();
            case DATAGRAMS -> there.receiveDatagrams();
            case LINK -> nodeThere.link(nodeHere.addressAs("here")).receive();
        };
    }

    /** 400 kbit/s from here to there. */
    void slowDown() {
        network.link(hostHere, hostThere)
                .change(SimulatedNetwork.DEFAULT_LINK.bytesPerSecond(50_000).queueBytes(200_000));
    }

    void cut() {
        network.link(hostHere, hostThere).cut();
    }

    void heal() {
        network.link(hostHere, hostThere).heal().change(LinkSettings.PERFECT.latency(Duration.ofMillis(10)));
    }

    void run(long millis) {
        network.advance(Duration.ofMillis(millis));
    }

    /** Everything has arrived as it was given. */
    void assertArrived(List<byte[]> expected) {
        if (way == Way.STREAM) {
            assertThat(BufferSource.joined(received)).isEqualTo(BufferSource.joined(expected));
        } else {
            assertThat(received).containsExactlyElementsOf(expected);
        }
    }

    /** What has arrived is as it was given, from the first on; of datagrams, some may be lost. */
    void assertIntact(List<byte[]> given) {
        if (way == Way.STREAM) {
            assertThat(BufferSource.isPrefix(BufferSource.joined(received), BufferSource.joined(given)))
                    .as("a prefix of what was given")
                    .isTrue();
        } else if (way == Way.DATAGRAMS) {
            Iterator<byte[]> candidates = given.iterator();
            for (byte[] datagram : received) {
                boolean found = false;
                while (!found && candidates.hasNext()) {
                    found = Arrays.equals(candidates.next(), datagram);
                }
                assertThat(found).as("a datagram that was given, in its order").isTrue();
            }
        } else {
            assertThat(received).containsExactlyElementsOf(given.subList(0, Math.min(received.size(), given.size())));
        }
    }

    /** The connection is what it was, and carries more. */
    void assertGoesOn() {
        received.clear();
        BufferSource more = BufferSource.of(BufferKind.POOLED_HEAP, 10, 10_000).completing();
        LinkFixture.Ending end = LinkFixture.Ending.of(send(more));
        run(5_000);

        assertThat(end.failure).isNull();
        assertThat(end.completed).isTrue();
        assertArrived(more.contents());
        more.assertGivenBack("after all");
        assertThat(here.state()).isInstanceOf(ConnectionState.Established.class);
        assertThat(there.state()).isInstanceOf(ConnectionState.Established.class);
    }

    /** Ends the nodes; nothing was thrown, and nothing is left of any datagram. */
    void close() {
        nodeHere.dispose();
        run(1_000);
        nodeThere.dispose();
        run(1_000);
        assertThat(network.failures()).isEmpty();
        assertThat(network.datagramBytes()).isZero();
    }
}
