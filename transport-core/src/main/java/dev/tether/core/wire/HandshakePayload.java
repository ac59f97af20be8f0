package dev.tether.core.wire;

import java.net.InetSocketAddress;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What both messages of a handshake carry, encrypted: a sequence of parameters, each a varint id, a varint length and a
 * value. Immutable. Source: docs/PROTOCOL.md, "Handshake payload".
 *
 * <p>A reader ignores ids that it does not know. A known one that occurs twice or has a bad value makes the whole payload
 * malformed, and so does one that does not belong into the message, or is missing there:
 *
 * <table>
 *   <caption>Parameters</caption>
 *   <tr><th>id</th><th>parameter</th><th>initiation</th><th>response</th></tr>
 *   <tr><td>0x00</td><td>padding: zeros, may repeat</td><td>optional</td><td>optional</td></tr>
 *   <tr><td>0x01</td><td>supported versions</td><td>required</td><td>optional</td></tr>
 *   <tr><td>0x02</td><td>timestamp</td><td>required</td><td>forbidden</td></tr>
 *   <tr><td>0x03</td><td>token</td><td>optional</td><td>optional</td></tr>
 *   <tr><td>0x04</td><td>observed address</td><td>forbidden</td><td>optional</td></tr>
 *   <tr><td>0x05</td><td>refusal</td><td>forbidden</td><td>this or the chosen version</td></tr>
 *   <tr><td>0x06</td><td>chosen version</td><td>forbidden</td><td>this or a refusal</td></tr>
 *   <tr><td>0x07</td><td>stateless reset token</td><td>optional</td><td>optional</td></tr>
 *   <tr><td>0x08</td><td>application code of the refusal</td><td>forbidden</td><td>optional, with a refusal</td></tr>
 *   <tr><td>0x10-0x19</td><td>{@link TransportParameters}</td><td>optional</td><td>optional</td></tr>
 * </table>
 */
public final class HandshakePayload {

    /** The longest token, in bytes. */
    public static final int MAX_TOKEN_LENGTH = 256;

    /** The greatest length that {@link #encode} pads to, in bytes. */
    public static final int MAX_PADDED_LENGTH = 1 << 14;

    private final @Nullable VersionRange supportedVersions;
    private final OptionalLong timestampNs;
    private final byte @Nullable [] token;
    private final @Nullable InetSocketAddress observedAddress;
    private final @Nullable Refusal refusal;
    private final OptionalLong chosenVersion;
    private final byte @Nullable [] statelessResetToken;
    private final TransportParameters transportParameters;

    private HandshakePayload(Builder builder) {
        supportedVersions = builder.supportedVersions;
        timestampNs = builder.timestampNs;
        token = builder.token;
        observedAddress = builder.observedAddress;
        refusal = builder.refusal;
        chosenVersion = builder.chosenVersion;
        statelessResetToken = builder.statelessResetToken;
        transportParameters = builder.transportParameters;
    }

    /** A builder without any parameter. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Reads the payload of an initiation.
     *
     * @return a payload with supported versions and a timestamp
     * @throws WireFormatException naming what is wrong with it
     */
    public static HandshakePayload decodeInitiation(byte[] source, int offset, int length) throws WireFormatException {
        HandshakePayload payload = decode(source, offset, length);
        require(payload.supportedVersions != null, "an initiation without supported versions");
        require(payload.timestampNs.isPresent(), "an initiation without a timestamp");
        require(payload.observedAddress == null, "an initiation with an observed address");
        require(payload.refusal == null, "an initiation with a refusal");
        require(payload.chosenVersion.isEmpty(), "an initiation with a chosen version");
        return payload;
    }

    /**
     * Reads the payload of a response.
     *
     * @return a payload with either a refusal or a chosen version
     * @throws WireFormatException naming what is wrong with it
     */
    public static HandshakePayload decodeResponse(byte[] source, int offset, int length) throws WireFormatException {
        HandshakePayload payload = decode(source, offset, length);
        require(payload.timestampNs.isEmpty(), "a response with a timestamp");
        require(
                payload.refusal != null || payload.chosenVersion.isPresent(),
                "a response with neither a chosen version nor a refusal");
        require(
                payload.refusal == null || payload.chosenVersion.isEmpty(),
                "a response with both a chosen version and a refusal");
        return payload;
    }

    /**
     * Reads a payload of either message, without the rules about what belongs into which.
     *
     * @throws WireFormatException naming what is wrong with it
     */
    public static HandshakePayload decode(byte[] source, int offset, int length) throws WireFormatException {
        return HandshakePayloadCodec.decode(source, offset, length);
    }

    /**
     * The bytes of this payload, filled up with padding.
     *
     * @param padToLength the least length of the result, 0 to {@link #MAX_PADDED_LENGTH}; the result is longer where the
     *     parameters themselves are, and by one byte where they leave room for a single one, as padding needs two
     * @throws IllegalArgumentException if {@code padToLength} is not in its range
     */
    public byte[] encode(int padToLength) {
        return HandshakePayloadCodec.encode(this, padToLength);
    }

    /** The versions that the sender speaks; always present in an initiation. */
    public @Nullable VersionRange supportedVersions() {
        return supportedVersions;
    }

    /**
     * When the initiation was made, in nanoseconds since the epoch of the sender's clock, to be compared as an unsigned
     * number; always present in an initiation. It only has to grow: a responder ignores what is not newer.
     */
    public OptionalLong timestampNs() {
        return timestampNs;
    }

    /** An opaque token of up to {@value #MAX_TOKEN_LENGTH} bytes, a copy. */
    public byte @Nullable [] token() {
        return token == null ? null : token.clone();
    }

    /**
     * The address from which the responder saw the initiation come. An IPv6 address that stands for an IPv4 one
     * (::ffff:a.b.c.d) appears as the latter.
     */
    public @Nullable InetSocketAddress observedAddress() {
        return observedAddress;
    }

    /** Why the attempt is refused; a response without a refusal accepts it. */
    public @Nullable Refusal refusal() {
        return refusal;
    }

    /** The version of the protocol that the responder chose; present in a response that accepts. */
    public OptionalLong chosenVersion() {
        return chosenVersion;
    }

    /**
     * What a stateless reset of the sender's connection id will carry: {@value StatelessResetDatagram#TOKEN_LENGTH} bytes,
     * a copy. Null if the sender sends no resets.
     */
    public byte @Nullable [] statelessResetToken() {
        return statelessResetToken == null ? null : statelessResetToken.clone();
    }

    /** What the sender declares about itself. */
    public TransportParameters transportParameters() {
        return transportParameters;
    }

    private static void require(boolean condition, String complaint) throws WireFormatException {
        if (!condition) {
            throw new WireFormatException(complaint);
        }
    }

    /** Collects the parameters of a payload. All are absent at first. */
    public static final class Builder {

        private @Nullable VersionRange supportedVersions;
        private OptionalLong timestampNs = OptionalLong.empty();
        private byte @Nullable [] token;
        private @Nullable InetSocketAddress observedAddress;
        private @Nullable Refusal refusal;
        private OptionalLong chosenVersion = OptionalLong.empty();
        private byte @Nullable [] statelessResetToken;
        private TransportParameters transportParameters = TransportParameters.WHEN_ABSENT;

        private Builder() {}

        public Builder supportedVersions(VersionRange versions) {
            supportedVersions = versions;
            return this;
        }

        /** Sets the timestamp, in nanoseconds since the epoch of the sender's clock. */
        public Builder timestampNs(long timestampNs) {
            this.timestampNs = OptionalLong.of(timestampNs);
            return this;
        }

        /**
         * Sets the token.
         *
         * @param token up to {@value HandshakePayload#MAX_TOKEN_LENGTH} bytes, copied
         * @throws IllegalArgumentException if it is longer
         */
        public Builder token(byte[] token) {
            if (token.length > MAX_TOKEN_LENGTH) {
                throw new IllegalArgumentException(
                        "a token of " + token.length + " bytes, at most " + MAX_TOKEN_LENGTH + " are possible");
            }
            this.token = token.clone();
            return this;
        }

        /**
         * Sets the address from which the initiation came.
         *
         * @param address resolved; an IPv6 scope is not sent
         * @throws IllegalArgumentException if it is unresolved
         */
        public Builder observedAddress(InetSocketAddress address) {
            if (address.isUnresolved()) {
                throw new IllegalArgumentException("'" + address + "' is not resolved to an IP address");
            }
            observedAddress = address;
            return this;
        }

        public Builder refusal(Refusal refusal) {
            this.refusal = refusal;
            return this;
        }

        /**
         * Sets the version that the responder chose.
         *
         * @param version 1 to 2^32 - 1
         * @throws IllegalArgumentException if it is not in its range
         */
        public Builder chosenVersion(long version) {
            if (!VersionRange.isValid(version, version)) {
                throw new IllegalArgumentException("version " + version + " is not in 1 to 2^32 - 1");
            }
            chosenVersion = OptionalLong.of(version);
            return this;
        }

        /**
         * Sets what a stateless reset of the sender's connection id will carry.
         *
         * @param token {@value StatelessResetDatagram#TOKEN_LENGTH} bytes, copied
         * @throws IllegalArgumentException if its length is another
         */
        public Builder statelessResetToken(byte[] token) {
            if (token.length != StatelessResetDatagram.TOKEN_LENGTH) {
                throw new IllegalArgumentException("a reset token of " + token.length + " bytes, "
                        + StatelessResetDatagram.TOKEN_LENGTH + " expected");
            }
            statelessResetToken = token.clone();
            return this;
        }

        public Builder transportParameters(TransportParameters parameters) {
            transportParameters = parameters;
            return this;
        }

        public HandshakePayload build() {
            return new HandshakePayload(this);
        }
    }
}
