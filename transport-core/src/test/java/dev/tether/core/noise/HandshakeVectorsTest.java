package dev.tether.core.noise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.RandomSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The public vectors in {@code src/test/resources/noise}, whose README tells their source and form. */
class HandshakeVectorsTest {

    @ParameterizedTest
    @MethodSource("vectors")
    void everyMessageIsAsInTheVector(Vector vector) throws HandshakeFailedException {
        KeyPair responderStatic = KeyPair.of(vector.bytes("resp_static"));
        KeyPair initiatorStatic = KeyPair.of(vector.bytes("init_static"));
        HandshakeState initiator = HandshakeState.initiator(
                initiatorStatic,
                responderStatic.identity(),
                vector.bytes("prologue"),
                vector.fixed("gen_init_ephemeral"));
        HandshakeState responder =
                HandshakeState.responder(responderStatic, vector.bytes("prologue"), vector.fixed("gen_resp_ephemeral"));

        passHandshakeMessage(vector, 0, initiator, responder);
        passHandshakeMessage(vector, 1, responder, initiator);

        assertThat(responder.remoteStatic()).isEqualTo(initiatorStatic.identity());
        assertThat(initiator.handshakeHash()).isEqualTo(responder.handshakeHash());
        if (vector.has("handshake_hash")) {
            assertThat(initiator.handshakeHash()).isEqualTo(vector.bytes("handshake_hash"));
        }
        TransportKeys initiatorKeys = initiator.split();
        TransportKeys responderKeys = responder.split();
        int message = 2;
        for (; vector.has("msg_" + message + "_payload"); message++) {
            boolean fromInitiator = message % 2 == 0;
            passTransportMessage(
                    vector,
                    message,
                    fromInitiator ? initiatorKeys.sendKey() : responderKeys.sendKey(),
                    fromInitiator ? responderKeys.receiveKey() : initiatorKeys.receiveKey());
        }
        assertThat(message).isGreaterThanOrEqualTo(4);
    }

    private static void passHandshakeMessage(Vector vector, int index, HandshakeState writer, HandshakeState reader)
            throws HandshakeFailedException {
        byte[] payload = vector.bytes("msg_" + index + "_payload");
        byte[] expected = vector.bytes("msg_" + index + "_ciphertext");
        byte[] message = new byte[expected.length];
        byte[] read = new byte[payload.length];

        assertThat(writer.writeMessage(payload, 0, payload.length, message, 0)).isEqualTo(expected.length);
        assertThat(message).isEqualTo(expected);
        assertThat(reader.readMessage(message, 0, message.length, read, 0)).isEqualTo(payload.length);
        assertThat(read).isEqualTo(payload);
    }

    private static void passTransportMessage(Vector vector, int index, byte[] sendKey, byte[] receiveKey) {
        byte[] payload = vector.bytes("msg_" + index + "_payload");
        byte[] expected = vector.bytes("msg_" + index + "_ciphertext");
        byte[] message = new byte[expected.length];
        byte[] read = new byte[payload.length];
        byte[] ad = {};
        int counter = (index - 2) / 2;

        new AesGcm(sendKey).seal(counter, ad, 0, 0, payload, 0, payload.length, message, 0);
        assertThat(message).isEqualTo(expected);
        assertThat(new AesGcm(receiveKey).open(counter, ad, 0, 0, message, 0, message.length, read, 0))
                .isEqualTo(payload.length);
        assertThat(read).isEqualTo(payload);
    }

    static Stream<Vector> vectors() throws IOException {
        try (InputStream file = Objects.requireNonNull(
                HandshakeVectorsTest.class.getResourceAsStream("/noise/flynn-noise-vectors.txt"))) {
            List<Vector> vectors = new ArrayList<>();
            for (String entry : new String(file.readAllBytes(), StandardCharsets.US_ASCII).split("\n\n", -1)) {
                Map<String, String> values = new LinkedHashMap<>();
                entry.lines().forEach(line -> {
                    int equals = line.indexOf('=');
                    values.put(line.substring(0, equals), line.substring(equals + 1));
                });
                assertThat(values.get("handshake")).isEqualTo(HandshakeState.PROTOCOL_NAME);
                vectors.add(new Vector(values));
            }
            assertThat(vectors).hasSize(4);
            return vectors.stream();
        }
    }

    private record Vector(Map<String, String> values) {

        boolean has(String name) {
            return values.containsKey(name);
        }

        byte[] bytes(String name) {
            return HexFormat.of().parseHex(values.getOrDefault(name, ""));
        }

        RandomSource fixed(String name) {
            byte[] bytes = bytes(name);
            return target -> System.arraycopy(bytes, 0, target, 0, target.length);
        }

        @Override
        public String toString() {
            return "prologue '" + values.getOrDefault("prologue", "") + "', payload '" + values.get("msg_0_payload")
                    + "'";
        }
    }
}
