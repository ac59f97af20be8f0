package dev.tether.core.noise;

import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import dev.tether.core.noise.HandshakeFailedException.Reason;
import dev.tether.core.noise.HandshakePattern.Token;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One side of a {@code Noise_IK_25519_AESGCM_SHA256} handshake (Noise §5.3).
 *
 * <p>The initiator calls {@code writeMessage}, {@code readMessage}, {@code split}; the responder {@code readMessage},
 * {@code writeMessage}, {@code split}. A responder that has read the initiation knows the initiator's
 * {@linkplain #remoteStatic() static key} and payload, both authentic (but perhaps replayed), and may stop there.
 *
 * <p>A call that fails leaves the handshake as it was, so a forged message takes nothing away from the authentic one
 * behind it. Calls out of turn are bugs of the caller and throw {@link IllegalStateException}. Not thread-safe.
 */
public final class HandshakeState {

    /** Everything that must be equal for two peers to understand each other, as Noise names it. */
    public static final String PROTOCOL_NAME = "Noise_" + HandshakePattern.IK.name() + "_25519_AESGCM_SHA256";

    /** The longest handshake message, in bytes (Noise §3). */
    public static final int MAX_MESSAGE_LENGTH = 65_535;

    /** How many bytes the first message is longer than its payload: two public keys and two tags. */
    public static final int INITIATION_OVERHEAD = 2 * X25519.KEY_LENGTH + 2 * AesGcm.TAG_LENGTH;

    /** How many bytes the second message is longer than its payload: a public key and a tag. */
    public static final int RESPONSE_OVERHEAD = X25519.KEY_LENGTH + AesGcm.TAG_LENGTH;

    private final List<List<Token>> messages = HandshakePattern.IK.messages();
    private final boolean initiator;
    private final RandomSource random;
    private final KeyPair s;
    private SymmetricState symmetricState;
    private @Nullable KeyPair e;
    private byte @Nullable [] rs;
    private byte @Nullable [] re;
    private int messageIndex;

    /** {@code Initialize(handshake_pattern, initiator, prologue, s, e, rs, re)}. */
    private HandshakeState(boolean initiator, KeyPair s, byte @Nullable [] rs, byte[] prologue, RandomSource random) {
        this.initiator = initiator;
        this.random = random;
        this.s = s;
        this.rs = rs;
        symmetricState = new SymmetricState(PROTOCOL_NAME);
        symmetricState.mixHash(prologue);
        for (Token token : HandshakePattern.IK.responderPreMessage()) {
            assert token == Token.S : "only static keys are known beforehand";
            // The responder's: the initiator's rs is the responder's s.
            symmetricState.mixHash(rs == null ? s.identity().toBytes() : rs);
        }
    }

    /**
     * The side that speaks first.
     *
     * @param local the initiator's static key pair
     * @param remote whom it wants to speak to
     * @param prologue what both sides must agree on beforehand, of any length; not kept
     * @param random where the ephemeral key comes from
     */
    public static HandshakeState initiator(KeyPair local, PeerIdentity remote, byte[] prologue, RandomSource random) {
        return new HandshakeState(true, local, remote.toBytes(), prologue, random);
    }

    /**
     * The side that answers.
     *
     * @param local the responder's static key pair
     * @param prologue what both sides must agree on beforehand, of any length; not kept
     * @param random where the ephemeral key comes from
     */
    public static HandshakeState responder(KeyPair local, byte[] prologue, RandomSource random) {
        return new HandshakeState(false, local, null, prologue, random);
    }

    /**
     * Writes the next message with a payload.
     *
     * @param payload may be the same array as {@code out} if the ranges do not overlap
     * @return the length of the message: {@code length} + {@link #INITIATION_OVERHEAD} or {@link #RESPONSE_OVERHEAD}
     * @throws HandshakeFailedException if a key of the remote peer is of low order, or the message would be longer than
     *     {@link #MAX_MESSAGE_LENGTH}
     * @throws IndexOutOfBoundsException if a range does not fit its array
     */
    public int writeMessage(byte[] payload, int offset, int length, byte[] out, int outOffset)
            throws HandshakeFailedException {
        List<Token> tokens = nextMessage(true);
        int total = Math.addExact(length, overhead());
        Objects.checkFromIndexSize(offset, length, payload.length);
        if (total > MAX_MESSAGE_LENGTH) {
            throw new HandshakeFailedException(Reason.TOO_LONG);
        }
        Objects.checkFromIndexSize(outOffset, total, out.length);
        Undo undo = new Undo();
        try {
            int position = outOffset;
            for (Token token : tokens) {
                switch (token) {
                    case E -> {
                        e = KeyPair.generate(random);
                        byte[] publicKey = e.identity().toBytes();
                        System.arraycopy(publicKey, 0, out, position, publicKey.length);
                        position += publicKey.length;
                        symmetricState.mixHash(publicKey);
                    }
                    case S -> {
                        byte[] publicKey = s.identity().toBytes();
                        position += symmetricState.encryptAndHash(publicKey, 0, publicKey.length, out, position);
                    }
                    case EE, ES, SE, SS -> symmetricState.mixKey(agree(token));
                }
            }
            position += symmetricState.encryptAndHash(payload, offset, length, out, position);
            messageIndex++;
            return position - outOffset;
        } catch (HandshakeFailedException failure) {
            undo.run();
            throw failure;
        }
    }

    /**
     * Reads the next message.
     *
     * @param message untrusted bytes
     * @param payload where the message's payload goes; its contents are unspecified if the call fails
     * @return the payload's length: {@code length} - {@link #INITIATION_OVERHEAD} or {@link #RESPONSE_OVERHEAD}
     * @throws HandshakeFailedException if the message is not one that an honest peer would send
     * @throws IndexOutOfBoundsException if a range does not fit its array: {@code payload} needs room for
     *     {@code length} bytes less the overhead
     */
    public int readMessage(byte[] message, int offset, int length, byte[] payload, int payloadOffset)
            throws HandshakeFailedException {
        List<Token> tokens = nextMessage(false);
        Objects.checkFromIndexSize(offset, length, message.length);
        if (length < overhead()) {
            throw new HandshakeFailedException(Reason.TOO_SHORT);
        }
        if (length > MAX_MESSAGE_LENGTH) {
            throw new HandshakeFailedException(Reason.TOO_LONG);
        }
        Objects.checkFromIndexSize(payloadOffset, length - overhead(), payload.length);
        Undo undo = new Undo();
        try {
            int position = offset;
            for (Token token : tokens) {
                switch (token) {
                    case E -> {
                        re = Arrays.copyOfRange(message, position, position + X25519.KEY_LENGTH);
                        position += X25519.KEY_LENGTH;
                        symmetricState.mixHash(re);
                    }
                    case S -> {
                        byte[] key = new byte[X25519.KEY_LENGTH];
                        int sealed = key.length + symmetricState.overhead();
                        symmetricState.decryptAndHash(message, position, sealed, key, 0);
                        position += sealed;
                        rs = key;
                    }
                    case EE, ES, SE, SS -> symmetricState.mixKey(agree(token));
                }
            }
            int rest = offset + length - position;
            int read = symmetricState.decryptAndHash(message, position, rest, payload, payloadOffset);
            messageIndex++;
            return read;
        } catch (HandshakeFailedException failure) {
            undo.run();
            throw failure;
        }
    }

    /**
     * The other side's static key.
     *
     * @throws IllegalStateException if this is a responder that has not read the initiation
     */
    public PeerIdentity remoteStatic() {
        return PeerIdentity.of(known(rs));
    }

    /** Whether both messages have passed, so that {@link #split()} may be called. */
    public boolean isComplete() {
        return messageIndex == messages.size();
    }

    /**
     * The keys for the packets that follow.
     *
     * @throws IllegalStateException if the handshake is not complete
     */
    public TransportKeys split() {
        requireComplete();
        byte[][] keys = symmetricState.split();
        return initiator ? new TransportKeys(keys[0], keys[1]) : new TransportKeys(keys[1], keys[0]);
    }

    /**
     * A value that is the same on both sides and that names this one handshake (Noise §11.2), 32 bytes.
     *
     * @throws IllegalStateException if the handshake is not complete
     */
    public byte[] handshakeHash() {
        requireComplete();
        return symmetricState.handshakeHash();
    }

    /**
     * {@code DH(local key, remote key)} of a token: its first letter names the initiator's key, its second the
     * responder's.
     */
    private byte[] agree(Token token) throws HandshakeFailedException {
        return switch (token) {
            case EE -> known(e).agree(known(re));
            case ES -> initiator ? known(e).agree(known(rs)) : s.agree(known(re));
            case SE -> initiator ? s.agree(known(re)) : known(e).agree(known(rs));
            case SS -> s.agree(known(rs));
            case E, S -> throw new IllegalArgumentException(token + " is not an agreement");
        };
    }

    private List<Token> nextMessage(boolean write) {
        if (isComplete() || (messageIndex % 2 == 0) == (initiator != write)) {
            throw new IllegalStateException((initiator ? "an initiator" : "a responder") + " does not "
                    + (write ? "write" : "read") + " at message " + (messageIndex + 1));
        }
        return messages.get(messageIndex);
    }

    private int overhead() {
        return messageIndex == 0 ? INITIATION_OVERHEAD : RESPONSE_OVERHEAD;
    }

    private void requireComplete() {
        if (!isComplete()) {
            throw new IllegalStateException("the handshake is not complete");
        }
    }

    private static <T> T known(@Nullable T key) {
        if (key == null) {
            throw new IllegalStateException("the key is not known yet");
        }
        return key;
    }

    /** What one message may change before it turns out to be bad. */
    private final class Undo {

        private final SymmetricState symmetricStateBefore = new SymmetricState(symmetricState);
        private final @Nullable KeyPair eBefore = e;
        private final byte @Nullable [] rsBefore = rs;
        private final byte @Nullable [] reBefore = re;

        void run() {
            symmetricState = symmetricStateBefore;
            e = eBefore;
            rs = rsBefore;
            re = reBefore;
        }
    }
}
