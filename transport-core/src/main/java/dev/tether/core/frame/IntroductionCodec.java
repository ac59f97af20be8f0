package dev.tether.core.frame;

import dev.tether.core.NatBehaviour;
import dev.tether.core.PeerIdentity;
import dev.tether.core.frame.IntroductionFrame.Answer;
import dev.tether.core.frame.IntroductionFrame.Introduce;
import dev.tether.core.frame.IntroductionFrame.Introduced;
import dev.tether.core.frame.IntroductionFrame.Introduction;
import dev.tether.core.wire.SocketAddressCodec;
import dev.tether.core.wire.VarInt;
import dev.tether.core.wire.WireFormatException;
import dev.tether.core.wire.WireReader;
import dev.tether.core.wire.WireWriter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes the frames of introductions. docs/PROTOCOL.md, sections 8.13 to 8.16. */
final class IntroductionCodec {

    private static final int ACCEPTED = 0;
    private static final int REFUSED = 1;

    private IntroductionCodec() {}

    static void write(WireWriter out, IntroductionFrame frame) {
        if (frame instanceof Introduce introduce) {
            out.writeVarInt(FrameType.INTRODUCE).writeVarInt(introduce.requestId());
            out.writeBytes(introduce.target().toBytes());
        } else if (frame instanceof Introduction introduction) {
            out.writeVarInt(FrameType.INTRODUCTION).writeVarInt(introduction.introductionId());
            out.writeBytes(introduction.requester().toBytes());
        } else if (frame instanceof Answer answer) {
            out.writeVarInt(FrameType.INTRODUCTION_ANSWER).writeVarInt(answer.introductionId());
            out.writeVarInt(answer.accepted() ? ACCEPTED : REFUSED);
        } else if (frame instanceof Introduced introduced) {
            out.writeVarInt(FrameType.INTRODUCED).writeVarInt(introduced.requestId());
            out.writeVarInt(introduced.status().code());
        }
        writeOffer(out, frame.offer());
    }

    static int size(IntroductionFrame frame) {
        int size = VarInt.size(FrameType.INTRODUCE) + offerSize(frame.offer());
        if (frame instanceof Introduce introduce) {
            return size + VarInt.size(introduce.requestId()) + PeerIdentity.LENGTH;
        }
        if (frame instanceof Introduction introduction) {
            return size + VarInt.size(introduction.introductionId()) + PeerIdentity.LENGTH;
        }
        if (frame instanceof Answer answer) {
            return size + VarInt.size(answer.introductionId()) + 1;
        }
        return size + VarInt.size(((Introduced) frame).requestId()) + 1;
    }

    /** Reads what follows the type. */
    static IntroductionFrame read(int type, WireReader in) throws WireFormatException, FrameFormatException {
        long id = in.readVarInt();
        return switch (type) {
            case FrameType.INTRODUCE -> new Introduce(id, readIdentity(in), readOffer(type, in));
            case FrameType.INTRODUCTION -> new Introduction(id, readIdentity(in), readOffer(type, in));
            case FrameType.INTRODUCTION_ANSWER -> new Answer(id, in.readVarInt() == ACCEPTED, readOffer(type, in));
            case FrameType.INTRODUCED ->
                new Introduced(id, IntroductionStatus.ofCode(in.readVarInt()), readOffer(type, in));
            default -> throw new AssertionError("0x" + Integer.toHexString(type) + " is no frame of an introduction");
        };
    }

    private static PeerIdentity readIdentity(WireReader in) throws WireFormatException {
        return PeerIdentity.of(in.readBytes(PeerIdentity.LENGTH));
    }

    private static PunchOffer readOffer(int type, WireReader in) throws WireFormatException, FrameFormatException {
        PunchNonce nonce = new PunchNonce(in.readLong(), in.readLong());
        NatBehaviour natBehaviour = NatBehaviour.ofCode(in.readVarInt());
        long count = in.readVarInt();
        if (count > PunchOffer.MAX_CANDIDATES) {
            throw new FrameFormatException(
                    type,
                    "frame 0x" + Integer.toHexString(type) + ": " + count + " candidates, at most "
                            + PunchOffer.MAX_CANDIDATES + " are allowed");
        }
        List<InetSocketAddress> candidates = new ArrayList<>((int) count);
        for (int i = 0; i < count; i++) {
            candidates.add(SocketAddressCodec.read(in, in.readLength()));
        }
        return new PunchOffer(nonce, natBehaviour, candidates);
    }

    private static void writeOffer(WireWriter out, PunchOffer offer) {
        out.writeLong(offer.nonce().high()).writeLong(offer.nonce().low());
        out.writeVarInt(offer.natBehaviour().code());
        out.writeVarInt(offer.candidates().size());
        for (InetSocketAddress candidate : offer.candidates()) {
            out.writeVarInt(SocketAddressCodec.length(candidate));
            SocketAddressCodec.write(out, candidate);
        }
    }

    private static int offerSize(PunchOffer offer) {
        int size = PunchNonce.LENGTH + 2;
        for (InetSocketAddress candidate : offer.candidates()) {
            size += 1 + SocketAddressCodec.length(candidate);
        }
        return size;
    }
}
