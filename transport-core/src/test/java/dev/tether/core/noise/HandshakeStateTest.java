package dev.tether.core.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import dev.tether.core.noise.HandshakeFailedException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandshakeStateTest {

    private static final long SEED = 20_260_101;
    private static final byte[] PROLOGUE = "tether".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] WELCOME = "welcome".getBytes(StandardCharsets.US_ASCII);

    private final RandomSource random = new Random(SEED)::nextBytes;
    private final KeyPair alice = KeyPair.generate(random);
    private final KeyPair bob = KeyPair.generate(random);
    private final HandshakeState initiator = HandshakeState.initiator(alice, bob.identity(), PROLOGUE, random);
    private final HandshakeState responder = HandshakeState.responder(bob, PROLOGUE, random);
    private byte[] initiation = {};

    @BeforeEach
    void writeInitiation() throws HandshakeFailedException {
        initiation = write(initiator, HELLO);
    }

    @Test
    void bothSidesEndWithTheSameKeys() throws HandshakeFailedException {
        assertThat(read(responder, initiation)).isEqualTo(HELLO);
        assertThat(read(initiator, write(responder, WELCOME))).isEqualTo(WELCOME);

        TransportKeys initiatorKeys = initiator.split();
        TransportKeys responderKeys = responder.split();
        assertThat(initiatorKeys.sendKey())
                .hasSize(TransportKeys.KEY_LENGTH)
                .isEqualTo(responderKeys.receiveKey())
                .isNotEqualTo(responderKeys.sendKey());
        assertThat(initiatorKeys.receiveKey()).isEqualTo(responderKeys.sendKey());
        assertThat(initiator.handshakeHash()).hasSize(32).isEqualTo(responder.handshakeHash());
        assertThat(initiator.remoteStatic()).isEqualTo(bob.identity());
    }

    @Test
    void aMessageIsLongerThanItsPayloadByItsOverhead() throws HandshakeFailedException {
        read(responder, initiation);

        assertThat(initiation).hasSize(HELLO.length + HandshakeState.INITIATION_OVERHEAD);
        assertThat(write(responder, WELCOME)).hasSize(WELCOME.length + HandshakeState.RESPONSE_OVERHEAD);
    }

    @Test
    void theResponderKnowsTheInitiatorBeforeItAnswers() throws HandshakeFailedException {
        read(responder, initiation);

        assertThat(responder.remoteStatic()).isEqualTo(alice.identity());
        assertThat(responder.isComplete()).isFalse();
    }

    @Test
    void messagesStandAnywhereInTheirArrays() throws HandshakeFailedException {
        HandshakeState another = HandshakeState.initiator(alice, bob.identity(), PROLOGUE, random);
        byte[] datagram = new byte[1200];
        System.arraycopy(HELLO, 0, datagram, 1000, HELLO.length);
        int length = another.writeMessage(datagram, 1000, HELLO.length, datagram, 50);
        byte[] payload = new byte[20];

        assertThat(responder.readMessage(datagram, 50, length, payload, 7)).isEqualTo(HELLO.length);
        assertThat(Arrays.copyOfRange(payload, 7, 7 + HELLO.length)).isEqualTo(HELLO);
        assertThat(Arrays.copyOf(datagram, 50)).containsOnly(0);
    }

    @Test
    void anInitiationWithAnyByteChangedFailsAndTheAuthenticOneStillPasses() throws HandshakeFailedException {
        everyMutationFails(responder, initiation);

        assertThat(read(responder, initiation)).isEqualTo(HELLO);
    }

    @Test
    void aResponseWithAnyByteChangedFailsAndTheAuthenticOneStillPasses() throws HandshakeFailedException {
        read(responder, initiation);
        byte[] response = write(responder, WELCOME);

        everyMutationFails(initiator, response);

        assertThat(read(initiator, response)).isEqualTo(WELCOME);
        assertThat(initiator.split().sendKey()).isEqualTo(responder.split().receiveKey());
    }

    @Test
    void aMessageCutShortFailsWhereverItIsCut() throws HandshakeFailedException {
        for (int length = 0; length < initiation.length; length++) {
            Reason expected = length < HandshakeState.INITIATION_OVERHEAD ? Reason.TOO_SHORT : Reason.NOT_AUTHENTIC;
            assertThat(failure(responder, Arrays.copyOf(initiation, length)))
                    .as("%d bytes", length)
                    .isEqualTo(expected);
        }
        read(responder, initiation);
        byte[] response = write(responder, WELCOME);
        for (int length = 0; length < response.length; length++) {
            Reason expected = length < HandshakeState.RESPONSE_OVERHEAD ? Reason.TOO_SHORT : Reason.NOT_AUTHENTIC;
            assertThat(failure(initiator, Arrays.copyOf(response, length)))
                    .as("%d bytes", length)
                    .isEqualTo(expected);
        }
    }

    @Test
    void aMessageWithABytePutBehindItFails() {
        assertThat(failure(responder, Arrays.copyOf(initiation, initiation.length + 1)))
                .isEqualTo(Reason.NOT_AUTHENTIC);
    }

    @Test
    void randomBytesFailAsAnyForgeryDoes() {
        Random lengths = new Random(SEED);
        for (int i = 0; i < 200; i++) {
            byte[] garbage = new byte[lengths.nextInt(300)];
            lengths.nextBytes(garbage);
            assertThat(failure(responder, garbage))
                    .as("seed %d, datagram %d", SEED, i)
                    .isNotNull();
        }
    }

    @Test
    void anInitiationForAnotherPeerFails() {
        HandshakeState carol = HandshakeState.responder(KeyPair.generate(random), PROLOGUE, random);

        assertThat(failure(carol, initiation)).isEqualTo(Reason.NOT_AUTHENTIC);
    }

    @Test
    void aResponseFromAnotherPeerFails() throws HandshakeFailedException {
        KeyPair carol = KeyPair.generate(random);
        HandshakeState impostor = HandshakeState.responder(carol, PROLOGUE, random);
        read(impostor, write(HandshakeState.initiator(alice, carol.identity(), PROLOGUE, random), HELLO));

        assertThat(failure(initiator, write(impostor, WELCOME))).isEqualTo(Reason.NOT_AUTHENTIC);
    }

    @Test
    void aResponseToAnotherInitiationFails() throws HandshakeFailedException {
        read(responder, write(HandshakeState.initiator(alice, bob.identity(), PROLOGUE, random), HELLO));

        assertThat(failure(initiator, write(responder, WELCOME))).isEqualTo(Reason.NOT_AUTHENTIC);
    }

    @Test
    void anotherPrologueFails() {
        HandshakeState other = HandshakeState.responder(bob, "tethex".getBytes(StandardCharsets.US_ASCII), random);

        assertThat(failure(other, initiation)).isEqualTo(Reason.NOT_AUTHENTIC);
    }

    @Test
    void anEphemeralKeyOfLowOrderFails() {
        Arrays.fill(initiation, 0, 32, (byte) 0);

        assertThat(failure(responder, initiation)).isEqualTo(Reason.LOW_ORDER_KEY);
    }

    @Test
    void anIdentityOfLowOrderCannotBeDialled() {
        HandshakeState dial = HandshakeState.initiator(alice, PeerIdentity.of(new byte[32]), PROLOGUE, random);

        assertThat(catchThrowable(() -> write(dial, HELLO)))
                .isInstanceOfSatisfying(
                        HandshakeFailedException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(Reason.LOW_ORDER_KEY));
    }

    @Test
    void aMessageOfTheGreatestLengthPasses() throws HandshakeFailedException {
        byte[] payload = new byte[HandshakeState.MAX_MESSAGE_LENGTH - HandshakeState.INITIATION_OVERHEAD];
        HandshakeState another = HandshakeState.initiator(alice, bob.identity(), PROLOGUE, random);

        assertThat(read(responder, write(another, payload))).isEqualTo(payload);
    }

    @Test
    void aLongerMessageFails() {
        HandshakeState another = HandshakeState.initiator(alice, bob.identity(), PROLOGUE, random);

        assertThat(failure(responder, new byte[HandshakeState.MAX_MESSAGE_LENGTH + 1]))
                .isEqualTo(Reason.TOO_LONG);
        assertThat(catchThrowable(() -> write(another, new byte[HandshakeState.MAX_MESSAGE_LENGTH])))
                .isInstanceOf(HandshakeFailedException.class);
    }

    @Test
    void aFailureIsCheap() {
        HandshakeFailedException failure = (HandshakeFailedException) catchThrowable(() -> read(responder, HELLO));
        failure.addSuppressed(new IllegalStateException());

        assertThat(failure.getStackTrace()).isEmpty();
        assertThat(failure.getSuppressed()).isEmpty();
    }

    @Test
    void aResponderThatHasReadNothingKnowsNobody() {
        assertThatIllegalStateException().isThrownBy(responder::remoteStatic);
        assertThat(failure(responder, Arrays.copyOf(initiation, initiation.length - 1)))
                .isEqualTo(Reason.NOT_AUTHENTIC);
        assertThatIllegalStateException().isThrownBy(responder::remoteStatic);
    }

    @Test
    void callsOutOfTurnAreBugs() throws HandshakeFailedException {
        assertThatIllegalStateException().isThrownBy(() -> write(initiator, HELLO));
        assertThatIllegalStateException().isThrownBy(() -> write(responder, HELLO));
        assertThatIllegalStateException().isThrownBy(initiator::split);
        assertThatIllegalStateException().isThrownBy(initiator::handshakeHash);
        read(responder, initiation);
        assertThatIllegalStateException().isThrownBy(() -> read(responder, initiation));
        read(initiator, write(responder, WELCOME));
        assertThatIllegalStateException().isThrownBy(() -> write(initiator, HELLO));
        assertThatIllegalStateException().isThrownBy(() -> read(responder, initiation));
    }

    @Test
    void anArrayThatIsTooSmallIsABugAndLeavesTheHandshakeAsItWas() throws HandshakeFailedException {
        assertThatThrownBy(() -> responder.readMessage(initiation, 0, initiation.length, new byte[4], 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(read(responder, initiation)).isEqualTo(HELLO);
        assertThatThrownBy(() -> responder.writeMessage(WELCOME, 0, WELCOME.length, new byte[54], 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(read(initiator, write(responder, WELCOME))).isEqualTo(WELCOME);
    }

    @Test
    void keysDoNotShowInText() throws HandshakeFailedException {
        read(responder, initiation);
        write(responder, WELCOME);

        assertThat(responder.split()).hasToString("TransportKeys[secret]");
    }

    /** One bit of every byte, a different one each time. */
    private static void everyMutationFails(HandshakeState reader, byte[] authentic) {
        for (int i = 0; i < authentic.length; i++) {
            byte[] mutated = authentic.clone();
            mutated[i] ^= (byte) (1 << i % 8);
            assertThat(failure(reader, mutated)).as("byte %d", i).isEqualTo(Reason.NOT_AUTHENTIC);
        }
    }

    private static byte[] write(HandshakeState writer, byte[] payload) throws HandshakeFailedException {
        byte[] message = new byte[payload.length + HandshakeState.INITIATION_OVERHEAD];
        int length = writer.writeMessage(payload, 0, payload.length, message, 0);
        return Arrays.copyOf(message, length);
    }

    private static byte[] read(HandshakeState reader, byte[] message) throws HandshakeFailedException {
        byte[] payload = new byte[message.length];
        int length = reader.readMessage(message, 0, message.length, payload, 0);
        return Arrays.copyOf(payload, length);
    }

    /** Fails with anything but the one exception that the network may cause. */
    private static Reason failure(HandshakeState reader, byte[] message) {
        Throwable thrown = catchThrowable(() -> read(reader, message));
        assertThat(thrown).isInstanceOf(HandshakeFailedException.class);
        return ((HandshakeFailedException) thrown).reason();
    }
}
