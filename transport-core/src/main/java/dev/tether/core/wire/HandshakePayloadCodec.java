package dev.tether.core.wire;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Writes and reads the parameters of a {@link HandshakePayload}. Source: docs/PROTOCOL.md, "Handshake payload". */
final class HandshakePayloadCodec {

    private static final int PADDING = 0x00;
    private static final int SUPPORTED_VERSIONS = 0x01;
    private static final int TIMESTAMP = 0x02;
    private static final int TOKEN = 0x03;
    private static final int OBSERVED_ADDRESS = 0x04;
    private static final int REFUSAL = 0x05;
    private static final int CHOSEN_VERSION = 0x06;
    private static final int STATELESS_RESET_TOKEN = 0x07;
    private static final int APPLICATION_CODE = 0x08;

    /** More than all parameters at their longest take without padding; the token and the reason are 512 of it. */
    private static final int MAX_UNPADDED_LENGTH = 1024;

    /** The least padding: an id and a length of 0. */
    private static final int MIN_PADDING = 2;

    private final HandshakePayload.Builder payload = HandshakePayload.builder();
    private final TransportParameters.Builder parameters = TransportParameters.builder();
    private final WireReader in = new WireReader();
    private long seen;
    private @Nullable Refusal refusal;
    private OptionalLong applicationCode = OptionalLong.empty();

    private HandshakePayloadCodec() {}

    static byte[] encode(HandshakePayload payload, int padToLength) {
        if (padToLength < 0 || padToLength > HandshakePayload.MAX_PADDED_LENGTH) {
            throw new IllegalArgumentException("cannot pad to " + padToLength + " bytes, 0 to "
                    + HandshakePayload.MAX_PADDED_LENGTH + " are possible");
        }
        byte[] buffer = new byte[Math.max(MAX_UNPADDED_LENGTH, padToLength + MIN_PADDING)];
        WireWriter out = new WireWriter().wrap(buffer, 0, buffer.length);
        VersionRange versions = payload.supportedVersions();
        if (versions != null) {
            int length = VarInt.size(versions.min()) + VarInt.size(versions.max());
            writeHeader(out, SUPPORTED_VERSIONS, length)
                    .writeVarInt(versions.min())
                    .writeVarInt(versions.max());
        }
        if (payload.timestampNs().isPresent()) {
            writeHeader(out, TIMESTAMP, Long.BYTES)
                    .writeLong(payload.timestampNs().getAsLong());
        }
        writeBytes(out, TOKEN, payload.token());
        InetSocketAddress observed = payload.observedAddress();
        if (observed != null) {
            SocketAddressCodec.write(writeHeader(out, OBSERVED_ADDRESS, SocketAddressCodec.length(observed)), observed);
        }
        Refusal refusal = payload.refusal();
        if (refusal != null) {
            byte[] reason = refusal.reason().getBytes(StandardCharsets.UTF_8);
            writeHeader(out, REFUSAL, VarInt.size(refusal.errorCode()) + reason.length)
                    .writeVarInt(refusal.errorCode())
                    .writeBytes(reason);
            if (refusal.applicationCode().isPresent()) {
                writeNumber(out, APPLICATION_CODE, refusal.applicationCode().getAsLong());
            }
        }
        if (payload.chosenVersion().isPresent()) {
            writeNumber(out, CHOSEN_VERSION, payload.chosenVersion().getAsLong());
        }
        writeBytes(out, STATELESS_RESET_TOKEN, payload.statelessResetToken());
        for (TransportParameter parameter : TransportParameter.values()) {
            writeNumber(out, parameter.id(), payload.transportParameters().valueOf(parameter));
        }
        writePadding(out, padToLength - out.written());
        return Arrays.copyOf(buffer, out.written());
    }

    private static WireWriter writeHeader(WireWriter out, int id, int length) {
        return out.writeVarInt(id).writeVarInt(length);
    }

    private static void writeNumber(WireWriter out, int id, long value) {
        writeHeader(out, id, VarInt.size(value)).writeVarInt(value);
    }

    private static void writeBytes(WireWriter out, int id, byte @Nullable [] value) {
        if (value != null) {
            writeHeader(out, id, value.length).writeBytes(value);
        }
    }

    private static void writePadding(WireWriter out, int length) {
        if (length <= 0) {
            return;
        }
        if (length <= MIN_PADDING) {
            writeHeader(out, PADDING, 0);
            return;
        }
        // A length of always two bytes, though one may be enough: so every number of bytes can be filled.
        int zeros = length - MIN_PADDING - 1;
        out.writeVarInt(PADDING).writeShort(0x4000 | zeros).writeZeros(zeros);
    }

    static HandshakePayload decode(byte[] source, int offset, int length) throws WireFormatException {
        return new HandshakePayloadCodec().readAll(source, offset, length);
    }

    private HandshakePayload readAll(byte[] source, int offset, int length) throws WireFormatException {
        WireReader parameter = new WireReader();
        in.wrap(source, offset, length);
        while (in.remaining() > 0) {
            long id = in.readVarInt();
            int valueLength = in.readLength();
            parameter.wrap(in.array(), in.position(), valueLength);
            in.skip(valueLength);
            TransportParameter transportParameter = TransportParameter.ofId(id);
            if (id == PADDING) {
                requireZeros(parameter);
            } else if (id <= APPLICATION_CODE || transportParameter != null) {
                readKnown(id, transportParameter, parameter);
            }
        }
        setRefusal();
        return payload.transportParameters(parameters.build()).build();
    }

    /** Puts together the two parameters of a refusal, which may come in any order. */
    private void setRefusal() throws WireFormatException {
        if (refusal != null) {
            payload.refusal(new Refusal(refusal.errorCode(), applicationCode, refusal.reason()));
        } else if (applicationCode.isPresent()) {
            throw new WireFormatException("an application code without a refusal");
        }
    }

    private void readKnown(long id, @Nullable TransportParameter transportParameter, WireReader value)
            throws WireFormatException {
        if ((seen & 1L << id) != 0) {
            throw new WireFormatException("handshake parameter 0x" + Long.toHexString(id) + " occurs twice");
        }
        seen |= 1L << id;
        try {
            if (transportParameter != null) {
                readTransportParameter(transportParameter, value);
            } else {
                readPayloadParameter((int) id, value);
            }
        } catch (WireFormatException e) {
            throw new WireFormatException("handshake parameter 0x" + Long.toHexString(id) + ": " + e.getMessage());
        }
        if (value.remaining() > 0) {
            throw new WireFormatException(
                    "handshake parameter 0x" + Long.toHexString(id) + " is " + value.remaining() + " bytes too long");
        }
    }

    private static void requireZeros(WireReader value) throws WireFormatException {
        while (value.remaining() > 0) {
            if (value.readByte() != 0) {
                throw new WireFormatException("padding that is not zero");
            }
        }
    }

    private void readTransportParameter(TransportParameter parameter, WireReader encoded) throws WireFormatException {
        long value = encoded.readVarInt();
        if (!parameter.accepts(value)) {
            throw new WireFormatException(parameter.complaint(value));
        }
        parameters.set(parameter, value);
    }

    private void readPayloadParameter(int id, WireReader value) throws WireFormatException {
        switch (id) {
            case SUPPORTED_VERSIONS -> readSupportedVersions(value);
            case TIMESTAMP -> payload.timestampNs(value.readLong());
            case TOKEN -> readToken(value);
            case OBSERVED_ADDRESS -> payload.observedAddress(SocketAddressCodec.read(value, value.remaining()));
            case REFUSAL -> readRefusal(value);
            case CHOSEN_VERSION -> readChosenVersion(value);
            case STATELESS_RESET_TOKEN ->
                payload.statelessResetToken(value.readBytes(StatelessResetDatagram.TOKEN_LENGTH));
            case APPLICATION_CODE -> applicationCode = OptionalLong.of(value.readVarInt());
            default -> throw new AssertionError("handshake parameter " + id);
        }
    }

    private void readSupportedVersions(WireReader value) throws WireFormatException {
        long min = value.readVarInt();
        long max = value.readVarInt();
        if (!VersionRange.isValid(min, max)) {
            throw new WireFormatException("versions " + min + " to " + max);
        }
        payload.supportedVersions(new VersionRange(min, max));
    }

    private void readToken(WireReader value) throws WireFormatException {
        if (value.remaining() > HandshakePayload.MAX_TOKEN_LENGTH) {
            throw new WireFormatException("a token of " + value.remaining() + " bytes");
        }
        payload.token(value.readBytes(value.remaining()));
    }

    private void readRefusal(WireReader value) throws WireFormatException {
        long errorCode = value.readVarInt();
        if (value.remaining() > Refusal.MAX_REASON_LENGTH) {
            throw new WireFormatException("a reason of " + value.remaining() + " bytes");
        }
        byte[] reason = value.readBytes(value.remaining());
        refusal = new Refusal(errorCode, new String(reason, StandardCharsets.UTF_8));
    }

    private void readChosenVersion(WireReader value) throws WireFormatException {
        long version = value.readVarInt();
        if (!VersionRange.isValid(version, version)) {
            throw new WireFormatException("version " + version);
        }
        payload.chosenVersion(version);
    }
}
