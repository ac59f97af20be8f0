package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.TransportSettings;
import dev.tether.core.connection.EngineContext;
import dev.tether.core.frame.FrameType;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.simulation.SeededRandom;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an endpoint knows of the addresses of a peer that moves. docs/PROTOCOL.md, section 12. */
class MovedConnectionTest {

    private static final InetSocketAddress HOME = new InetSocketAddress("192.0.2.1", 1);
    private static final InetSocketAddress AWAY = new InetSocketAddress("192.0.2.2", 2);
    private static final byte[] PING = {FrameType.PING};
    private static final byte[] CLOSE = {FrameType.CONNECTION_CLOSE_APPLICATION, 0, 0};
    private static final long NOW_NS = 1_000_000_000L;

    private final SeededRandom random = new SeededRandom(5);
    private final KeyPair keyPair = KeyPair.generate(random);
    private final Endpoint endpoint = new Endpoint(
            new EngineContext(keyPair, TransportSettings.defaults(), random, UnpooledByteBufAllocator.DEFAULT),
            false,
            NOW_NS);
    private HandmadePeer peer;

    @BeforeEach
    void connect() throws Exception {
        peer = new HandmadePeer(endpoint, keyPair, HOME, random, NOW_NS);
    }

    @Test
    void aConnectionThatHasMovedIsKnownByItsNewAddress() {
        peer.send(PING, AWAY, NOW_NS);
        peer.send(responseToChallenge(), AWAY, NOW_NS);

        assertThat(peer.connection().remoteAddress()).isEqualTo(AWAY);
        assertThat(endpoint.isKnown(AWAY)).isTrue();
        assertThat(endpoint.isKnown(HOME)).isFalse();
    }

    @Test
    void nothingIsLeftOfAConnectionThatMovesAndEndsWithOnePacket() {
        peer.send(PING, AWAY, NOW_NS);
        byte[] response = responseToChallenge();
        peer.connection().close(0, "", NOW_NS);
        byte[] both = Arrays.copyOf(response, response.length + CLOSE.length);
        System.arraycopy(CLOSE, 0, both, response.length, CLOSE.length);
        peer.send(both, AWAY, NOW_NS);

        assertThat(endpoint.connections()).isEmpty();
        assertThat(endpoint.isKnown(AWAY)).isFalse();
        assertThat(endpoint.isKnown(HOME)).isFalse();
    }

    private byte[] responseToChallenge() {
        byte[] challenge = Arrays.copyOf(peer.lastSentTo(AWAY), 1 + Long.BYTES);
        assertThat(challenge[0]).isEqualTo((byte) FrameType.PATH_CHALLENGE);
        challenge[0] = FrameType.PATH_RESPONSE;
        return challenge;
    }
}
