package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.RandomSource;
import dev.tether.core.TransportSettings;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.DeliveredUpTo;
import dev.tether.core.connection.EngineContext;
import dev.tether.core.connection.Transmit;
import dev.tether.core.noise.HandshakeFailedException;
import dev.tether.core.noise.HandshakeState;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.noise.TransportKeys;
import dev.tether.core.protection.PacketOpener;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.InitiationDatagram;
import dev.tether.core.wire.ResponseDatagram;
import dev.tether.core.wire.VarInt;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The worked example at the end of docs/PROTOCOL.md is what this code makes from fixed keys. To write it anew:
 * {@code -Dtether.writeExample=true}.
 */
class WorkedExampleTest {

    private static final Path DOCUMENT = Path.of("..", "docs", "PROTOCOL.md");
    private static final String BEGIN = "<!-- worked-example:begin -->\n";
    private static final String END = "<!-- worked-example:end -->";
    private static final InetSocketAddress DIALER = address(1, 1111);
    private static final InetSocketAddress LISTENER = address(2, 4433);
    private static final Map<Integer, String> PARAMETERS = Map.ofEntries(
            Map.entry(0x00, "padding"),
            Map.entry(0x01, "supported versions: 1 to 1"),
            Map.entry(0x02, "timestamp"),
            Map.entry(0x04, "observed address: 192.0.2.1:1111"),
            Map.entry(0x06, "chosen version: 1"),
            Map.entry(0x07, "stateless reset token"),
            Map.entry(0x10, "idle timeout: 120000 ms"),
            Map.entry(0x11, "max UDP payload: 65000"),
            Map.entry(0x12, "initial max data: 2 MiB"),
            Map.entry(0x13, "initial max stream data: 1 MiB"),
            Map.entry(0x14, "initial max streams bidi: 1"),
            Map.entry(0x15, "initial max streams uni: 0"),
            Map.entry(0x16, "max ack delay: 25 ms"),
            Map.entry(0x17, "max DATAGRAM frame size: 65535"),
            Map.entry(0x18, "max message size: 16 MiB"),
            Map.entry(0x19, "instance, drawn at random"));
    private static final long LINK = 0x0123456789abcdefL;
    private static final long NOW_NS = 1_800_000_000_000_000_000L;

    /** Counts up; keeps what it gave out. */
    private static final class CountingRandom implements RandomSource {
        private final List<byte[]> given = new ArrayList<>();
        private int next;

        CountingRandom(int first) {
            next = first;
        }

        @Override
        public void nextBytes(byte[] target) {
            for (int i = 0; i < target.length; i++) {
                target[i] = (byte) next++;
            }
            given.add(target.clone());
        }

        byte[] ephemeral() {
            return given.stream()
                    .filter(bytes -> bytes.length == KeyPair.PRIVATE_KEY_LENGTH)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private final CountingRandom dialerRandom = new CountingRandom(0x40);
    private final CountingRandom listenerRandom = new CountingRandom(0x80);
    private final KeyPair dialerKey = KeyPair.of(sequence(0x01));
    private final KeyPair listenerKey = KeyPair.of(sequence(0x21));
    private final Endpoint dialer = endpoint(dialerKey, dialerRandom);
    private final Endpoint listener = endpoint(listenerKey, listenerRandom);
    private final Transmit transmit = new Transmit(1);

    @Test
    void theExampleInTheSpecificationIsWhatTheEngineMakes() throws Exception {
        String example = example();
        String document = Files.readString(DOCUMENT);
        int begin = document.indexOf(BEGIN) + BEGIN.length();
        int end = document.indexOf(END);
        if (Boolean.getBoolean("tether.writeExample")) {
            Files.writeString(DOCUMENT, document.substring(0, begin) + example + document.substring(end));
            return;
        }
        assertThat(document.substring(begin, end)).isEqualTo(example);
    }

    private String example() throws Exception {
        Connection there = dialer.connect(listenerKey.identity(), LISTENER, false, NOW_NS);
        byte[] initiation = poll(there);
        listener.handleInitiation(initiation, 0, initiation.length, DIALER, NOW_NS);
        Connection back = listener.pollCreated();
        assertThat(back).isNotNull();
        byte[] response = poll(back);
        there.handleDatagram(response, 0, response.length, there.remoteAddress(), NOW_NS);
        byte[] confirmation = poll(there);
        back.handleDatagram(confirmation, 0, confirmation.length, back.remoteAddress(), NOW_NS);
        byte[] acknowledgement = poll(back);
        there.handleDatagram(acknowledgement, 0, acknowledgement.length, there.remoteAddress(), NOW_NS);
        byte[] message = exchange(there, back, "hello", 0, 0);
        byte[] numbered = exchange(there, back, "world", LINK, 1);
        byte[] report = poll(back);
        there.handleDatagram(report, 0, report.length, there.remoteAddress(), NOW_NS);
        assertThat(there.pollDelivered()).isEqualTo(new DeliveredUpTo(LINK, 1));

        Noise noise = replay(initiation, response);
        StringBuilder text = new StringBuilder();
        keys(text);
        section(text, "Initiation, from 192.0.2.1:1111 to 192.0.2.2:4433: payload");
        payload(text, noise.initiationPayload);
        text.append("```\n");
        section(text, "Initiation: the datagram, " + initiation.length + " bytes, field by field");
        fields(
                text,
                initiation,
                field(1, "type"),
                field(4, "version"),
                field(8, "sender's connection id"),
                field(32, "ephemeral public key"),
                field(48, "encrypted static public key, tag"),
                field(initiation.length - 125, "encrypted payload, tag"),
                field(16, "mac1"),
                field(16, "mac2"));
        text.append("```\n");
        section(text, "Response: payload");
        payload(text, noise.responsePayload);
        text.append("```\n");
        section(text, "Response: the datagram, " + response.length + " bytes, field by field");
        fields(
                text,
                response,
                field(1, "type"),
                field(8, "sender's connection id"),
                field(8, "receiver's connection id"),
                field(32, "ephemeral public key"),
                field(response.length - 81, "encrypted payload, tag"),
                field(16, "mac1"),
                field(16, "mac2"));
        text.append("```\n");
        transcript(text, noise, initiation, response);
        packet(
                text,
                "First data packet: the dialing side confirms",
                noise.keys.sendKey(),
                confirmation,
                field(1, "PING"));
        packet(
                text,
                "Second data packet: the accepting side acknowledges, at once because of the PING",
                noise.keys.receiveKey(),
                acknowledgement,
                field(1, "ACK"),
                field(1, "largest: 0"),
                field(1, "ack delay: 0"),
                field(1, "range count: 0"),
                field(1, "first range: 0, only packet 0"));
        packet(
                text,
                "Third data packet: the dialing side sends the message `hello`",
                noise.keys.sendKey(),
                message,
                field(1, "STREAM with LEN, no OFF, no FIN"),
                field(1, "stream id: 0"),
                field(1, "length of the data: 6"),
                field(1, "the data: length of the message, 5"),
                field(5, "the data: the message"),
                field(1, "PING, as nothing more is to be sent"));
        packet(
                text,
                "Fourth data packet: the dialing side sends `world`, the first message of a link",
                noise.keys.sendKey(),
                numbered,
                field(1, "STREAM with OFF and LEN, no FIN"),
                field(1, "stream id: 0"),
                field(1, "offset: 6"),
                field(1, "length of the data: 23"),
                field(8, "the data: mark, in place of a length"),
                field(8, "the data: link id"),
                field(1, "the data: number, 1"),
                field(1, "the data: length of the message, 5"),
                field(5, "the data: the message"),
                field(1, "PING, as nothing more is to be sent"));
        packet(
                text,
                "Fifth data packet: the accepting side acknowledges, and reports that its application has the message",
                noise.keys.receiveKey(),
                report,
                field(1, "ACK"),
                field(1, "largest: 2"),
                field(1, "ack delay: 0"),
                field(1, "range count: 0"),
                field(1, "first range: 2, packets 0 to 2"),
                field(2, "MESSAGES_DELIVERED"),
                field(8, "link id"),
                field(1, "number: 1"));
        reset(text, message);
        return text.append('\n').toString();
    }

    /** Has a message sent, and handed to the application; returns its packet. */
    private byte[] exchange(Connection from, Connection to, String message, long linkId, long number) {
        assertThat(from.messages().offer(Unpooled.copiedBuffer(message, StandardCharsets.US_ASCII), linkId, number))
                .isTrue();
        byte[] packet = poll(from);
        to.handleDatagram(packet, 0, packet.length, to.remoteAddress(), NOW_NS);
        ByteBuf received = to.messages().poll(NOW_NS);
        assertThat(received).isNotNull();
        assertThat(received.toString(StandardCharsets.US_ASCII)).isEqualTo(message);
        received.release();
        return packet;
    }

    private void keys(StringBuilder text) {
        section(text, "Keys");
        row(text, "s_i, dialing side, static private", dialerKey.privateKey());
        row(text, "S_i, dialing side, static public", dialerKey.identity().toBytes());
        row(text, "e_i, dialing side, ephemeral private", dialerRandom.ephemeral());
        row(text, "s_r, accepting side, static private", listenerKey.privateKey());
        row(text, "S_r, accepting side, static public", listenerKey.identity().toBytes());
        row(text, "e_r, accepting side, ephemeral private", listenerRandom.ephemeral());
        text.append("```\n\nIdentity of the dialing side: `")
                .append(dialerKey.identity())
                .append("`\n\nIdentity of the accepting side: `")
                .append(listenerKey.identity())
                .append("`\n");
    }

    /** Every step of the Noise computation; ends with what the engine has come to. */
    private void transcript(StringBuilder text, Noise noise, byte[] initiation, byte[] response)
            throws GeneralSecurityException {
        byte[] dialerStatic = dialerKey.identity().toBytes();
        byte[] listenerStatic = listenerKey.identity().toBytes();
        byte[] dialerEphemeral = Arrays.copyOfRange(initiation, 13, 45);
        byte[] listenerEphemeral = Arrays.copyOfRange(response, 17, 49);
        NoiseTranscript state = new NoiseTranscript("Noise_IK_25519_AESGCM_SHA256".getBytes(StandardCharsets.US_ASCII));
        state.mixHash("tether 1".getBytes(StandardCharsets.US_ASCII));
        state.mixHash(listenerStatic);
        section(text, "The Noise computation");
        row(text, "h after MixHash(S_r)", state.hash());
        state.mixHash(dialerEphemeral);
        mixKey(text, state, "e_i, S_r", NoiseTranscript.agree(dialerRandom.ephemeral(), listenerStatic));
        state.mixHash(Arrays.copyOfRange(initiation, 45, 93));
        mixKey(text, state, "s_i, S_r", NoiseTranscript.agree(dialerKey.privateKey(), listenerStatic));
        state.mixHash(Arrays.copyOfRange(initiation, 93, initiation.length - 32));
        row(text, "h after message 1", state.hash());
        state.mixHash(listenerEphemeral);
        mixKey(text, state, "e_r, E_i", NoiseTranscript.agree(listenerRandom.ephemeral(), dialerEphemeral));
        mixKey(text, state, "e_r, S_i", NoiseTranscript.agree(listenerRandom.ephemeral(), dialerStatic));
        state.mixHash(Arrays.copyOfRange(response, 49, response.length - 32));
        row(text, "h after message 2", state.hash());
        assertThat(state.hash()).isEqualTo(noise.hash);
        state.mixKey(new byte[0]);
        assertThat(state.chainingKey()).isEqualTo(noise.keys.sendKey());
        assertThat(state.key()).isEqualTo(noise.keys.receiveKey());
        row(text, "k1, of packets from the dialing side", noise.keys.sendKey());
        row(text, "k2, of packets from the accepting side", noise.keys.receiveKey());
        text.append("```\n");
    }

    private static void mixKey(StringBuilder text, NoiseTranscript state, String keys, byte[] secret)
            throws GeneralSecurityException {
        state.mixKey(secret);
        row(text, "DH(" + keys + ")", secret);
        row(text, "ck after MixKey of it", state.chainingKey());
        row(text, "k after MixKey of it", state.key());
    }

    /** What the accepting side answers if it has lost the connection when a packet arrives. */
    private void reset(StringBuilder text, byte[] packet) throws GeneralSecurityException {
        Endpoint restarted = endpoint(listenerKey, new CountingRandom(0xc0));
        restarted.handleStray(packet, 0, packet.length, DIALER, NOW_NS);
        assertThat(restarted.pollTransmit(transmit)).isTrue();
        byte[] reset = Arrays.copyOf(transmit.buffer(), transmit.length());
        byte[] key = NoiseTranscript.hmac(
                listenerKey.privateKey(), "tether1-stateless-reset".getBytes(StandardCharsets.US_ASCII));
        byte[] token = NoiseTranscript.hmac(key, Arrays.copyOfRange(packet, 1, 9));
        assertThat(Arrays.copyOfRange(reset, 9, 25)).isEqualTo(Arrays.copyOf(token, 16));
        section(text, "Stateless reset: the accepting side has lost the connection when the third data packet arrives");
        row(text, "its reset key", key);
        text.append("\ndatagram, ").append(reset.length).append(" bytes:\n");
        fields(text, reset, field(1, "type"), field(8, "connection id"), field(16, "token"));
        text.append("```\n");
    }

    private byte[] poll(Connection connection) {
        assertThat(connection.pollTransmit(transmit, NOW_NS)).isTrue();
        return Arrays.copyOf(transmit.buffer(), transmit.length());
    }

    private record Noise(byte[] initiationPayload, byte[] responsePayload, byte[] hash, TransportKeys keys) {}

    /** Reads both messages again, as an implementation in another language would, from the private keys alone. */
    private Noise replay(byte[] initiation, byte[] response) throws HandshakeFailedException {
        HandshakeState initiator = HandshakeState.initiator(
                dialerKey, listenerKey.identity(), EngineContext.prologue(), fixed(dialerRandom.ephemeral()));
        HandshakeState responder =
                HandshakeState.responder(listenerKey, EngineContext.prologue(), fixed(listenerRandom.ephemeral()));
        byte[] payload = new byte[initiation.length];
        int length = responder.readMessage(
                initiation,
                InitiationDatagram.noiseOffset(0),
                InitiationDatagram.noiseLength(initiation.length),
                payload,
                0);
        byte[] initiationPayload = Arrays.copyOf(payload, length);
        byte[] again = new byte[initiation.length];
        int messageLength = initiator.writeMessage(initiationPayload, 0, length, again, 0);
        assertThat(Arrays.copyOf(again, messageLength))
                .isEqualTo(Arrays.copyOfRange(
                        initiation,
                        InitiationDatagram.noiseOffset(0),
                        InitiationDatagram.noiseOffset(0) + messageLength));
        length = initiator.readMessage(
                response, ResponseDatagram.noiseOffset(0), ResponseDatagram.noiseLength(response.length), payload, 0);
        return new Noise(
                initiationPayload, Arrays.copyOf(payload, length), initiator.handshakeHash(), initiator.split());
    }

    private static void packet(StringBuilder text, String title, byte[] key, byte[] datagram, Field... frames) {
        byte[] plaintext = new byte[datagram.length];
        int length = new PacketOpener(key)
                .open(
                        datagram,
                        0,
                        datagram.length,
                        DataHeader.LENGTH,
                        DataHeader.packetNumber(datagram, 0),
                        plaintext,
                        0);
        assertThat(length).isPositive();
        section(text, title);
        text.append("frames, ").append(length).append(" bytes:\n");
        fields(text, Arrays.copyOf(plaintext, length), frames);
        text.append("\ndatagram, ").append(datagram.length).append(" bytes:\n");
        fields(
                text,
                datagram,
                field(1, "type"),
                field(8, "receiver's connection id"),
                field(8, "packet number"),
                field(length, "encrypted frames"),
                field(16, "tag"));
        text.append("```\n");
    }

    /** Each parameter of a handshake payload with its name; zeros that are padding are counted, not shown. */
    private static void payload(StringBuilder text, byte[] payload) {
        for (int at = 0; at < payload.length; ) {
            int lengthSize = VarInt.sizeOfEncoding(payload[at + 1]);
            int length = payload[at + 1] & 0x3f;
            for (int i = 1; i < lengthSize; i++) {
                length = length << 8 | payload[at + 1 + i] & 0xff;
            }
            int value = at + 1 + lengthSize;
            String id = HexFormat.of().formatHex(payload, at, at + 1);
            String name = PARAMETERS.get(Integer.parseInt(id, 16));
            assertThat(name).isNotNull();
            if (payload[at] == 0) {
                row(text, name + ", before " + length + " zeros", Arrays.copyOfRange(payload, at, value));
            } else {
                row(text, name, Arrays.copyOfRange(payload, at, value + length));
            }
            at = value + length;
        }
        text.append(payload.length).append(" bytes in all\n");
    }

    private record Field(int length, String name) {}

    private static Field field(int length, String name) {
        return new Field(length, name);
    }

    private static void fields(StringBuilder text, byte[] bytes, Field... fields) {
        int at = 0;
        for (Field field : fields) {
            row(text, field.name, Arrays.copyOfRange(bytes, at, at + field.length));
            at += field.length;
        }
        assertThat(at).isEqualTo(bytes.length);
    }

    private static void section(StringBuilder text, String title) {
        text.append("\n**").append(title).append("**\n\n```\n");
    }

    private static void row(StringBuilder text, String name, byte[] bytes) {
        String hex = HexFormat.of().formatHex(bytes);
        text.append(String.format(Locale.ROOT, "%-39s", name));
        for (int i = 0; i < hex.length(); i += 64) {
            text.append(i == 0 ? "" : " ".repeat(39))
                    .append(hex, i, Math.min(hex.length(), i + 64))
                    .append('\n');
        }
    }

    private static Endpoint endpoint(KeyPair key, RandomSource random) {
        return new Endpoint(
                new EngineContext(key, TransportSettings.defaults(), random, UnpooledByteBufAllocator.DEFAULT),
                false,
                NOW_NS);
    }

    private static RandomSource fixed(byte[] bytes) {
        return target -> System.arraycopy(bytes, 0, target, 0, target.length);
    }

    private static InetSocketAddress address(int host, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) host}), port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] sequence(int first) {
        byte[] bytes = new byte[KeyPair.PRIVATE_KEY_LENGTH];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }
}
