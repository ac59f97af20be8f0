package dev.tether.core.noise;

import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import java.security.PrivateKey;
import java.security.SecureRandom;

/**
 * An X25519 key pair. The static pair of a peer is what the peer is: its public half is the peer's
 * {@linkplain PeerIdentity identity}, and whoever holds the private half is that peer. Immutable and safe to share
 * between threads.
 */
public final class KeyPair {

    /** The length of a private key, in bytes. */
    public static final int PRIVATE_KEY_LENGTH = X25519.KEY_LENGTH;

    private final byte[] rawPrivateKey;
    private final PrivateKey privateKey;
    private final PeerIdentity identity;

    private KeyPair(byte[] rawPrivateKey) {
        this.rawPrivateKey = rawPrivateKey;
        this.privateKey = X25519.privateKey(rawPrivateKey);
        this.identity = PeerIdentity.of(X25519.publicKey(privateKey));
    }

    /** A new pair from the platform's {@link SecureRandom}. */
    public static KeyPair generate() {
        return generate(new SecureRandom()::nextBytes);
    }

    /** A new pair: the next 32 bytes of {@code random} are its private key. */
    public static KeyPair generate(RandomSource random) {
        byte[] rawPrivateKey = new byte[PRIVATE_KEY_LENGTH];
        random.nextBytes(rawPrivateKey);
        return new KeyPair(rawPrivateKey);
    }

    /**
     * The pair with this private key.
     *
     * @param privateKey 32 bytes, copied; clamped only where it is used, as in RFC 7748 §5
     * @throws IllegalArgumentException if the length is not 32
     */
    public static KeyPair of(byte[] privateKey) {
        if (privateKey.length != PRIVATE_KEY_LENGTH) {
            throw new IllegalArgumentException(
                    "a private key has " + PRIVATE_KEY_LENGTH + " bytes, not " + privateKey.length);
        }
        return new KeyPair(privateKey.clone());
    }

    /** The public half. */
    public PeerIdentity identity() {
        return identity;
    }

    /**
     * A copy of the private half, 32 bytes, as it was given or drawn: a secret, to be stored with care or not at all.
     */
    public byte[] privateKey() {
        return rawPrivateKey.clone();
    }

    /** The secret that this pair shares with the holder of another public key (32 bytes): Noise's {@code DH()}. */
    byte[] agree(byte[] remotePublicKey) throws HandshakeFailedException {
        return X25519.agree(privateKey, remotePublicKey);
    }

    /** The public half; never the private one. */
    @Override
    public String toString() {
        return "KeyPair[" + identity + "]";
    }
}
