package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.simulation.LinkSettings;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** Bulk over paths that hold many times the send buffer that a connection begins with. */
class LongFatPathTest {

    private static final int MESSAGE = 64 * 1024;

    /** Of an Ethernet with jumbo frames: as many bytes for fewer events. */
    private static final int DATAGRAM = 8_900;

    private final SimulatedNetwork network = SimulatedNetwork.create(1);
    private final ByteBuf payload = Unpooled.buffer(MESSAGE).writeZero(MESSAGE);
    private long received;

    /** 200 Mbit/s and 200 ms there and back. */
    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void oneSendFillsAPathOfFiveMegabytes() {
        assertFills(25_000_000, Duration.ofMillis(100), Duration.ofSeconds(6));
    }

    /** 1 Gbit/s and 100 ms there and back: three quarters of the widest window. */
    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void oneSendFillsAPathOfTwelveMegabytes() {
        assertFills(125_000_000, Duration.ofMillis(50), Duration.ofSeconds(3));
    }

    private void assertFills(long bytesPerSecond, Duration oneWay, Duration untilSteady) {
        int pathBytes = (int) (bytesPerSecond * 2 * oneWay.toMillis() / 1000);
        network.changeDefaultLink(LinkSettings.PERFECT
                .latency(oneWay)
                .bytesPerSecond(bytesPerSecond)
                .queueBytes(pathBytes));
        PeerConnection connection = connect();
        Disposable sending = connection
                .send(Flux.generate(sink -> sink.next(payload.retainedDuplicate())))
                .subscribe(nothing -> {}, failure -> {});

        network.advance(untilSteady);
        long before = received;
        network.advance(Duration.ofSeconds(1));

        assertThat(received - before)
                .as("bytes in a second")
                .isBetween(bytesPerSecond * 8 / 10, bytesPerSecond + bytesPerSecond / 100);
        sending.dispose();
        network.advance(Duration.ofSeconds(3));
        assertThat(payload.refCnt()).as("references to what was sent").isEqualTo(1);
        assertThat(network.failures()).isEmpty();
    }

    private PeerConnection connect() {
        TransportNode server = ReactiveTransport.create()
                .runOn(network.host("server"))
                .port(Peers.PORT)
                .settings(settings -> settings.datagramSize(DATAGRAM))
                .doOnConnection(
                        peer -> peer.receive().subscribe(message -> received += message.readableBytes(), failure -> {}))
                .bindNow();
        TransportNode client = ReactiveTransport.create()
                .runOn(network.host("client"))
                .settings(settings -> settings.datagramSize(DATAGRAM))
                .bindNow();
        return Peers.connect(network, client, server, "server");
    }
}
