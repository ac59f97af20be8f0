package dev.tether.core.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tether.core.NatBehaviour;
import dev.tether.core.PeerIdentity;
import dev.tether.core.wire.VarInt;
import dev.tether.core.wire.WireWriter;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 9000 §19. What is written for every frame is checked by {@link FrameSamplesTest} and {@link FrameFuzzTest}. */
class FrameWriterTest {

    private final byte[] target = new byte[128];

    @Test
    void aReasonIsCutToTheRoomBetweenItsCharacters() throws FrameFormatException {
        byte[] reason = FrameRecorder.utf8("€".repeat(30));
        for (int room = 7; room <= target.length; room++) {
            WireWriter out = new WireWriter().wrap(target, 0, room);
            FrameWriter.writeConnectionClose(out, false, 1, 2, reason);
            FrameRecorder recorder = new FrameRecorder(0, out.written());
            new FrameReader().read(target, 0, out.written(), recorder);
            int fitting = Math.min(30, (room - 7) / 3);
            assertThat(recorder.lines())
                    .as("in %d bytes", room)
                    .containsExactly(FrameRecorder.connectionClose(false, 1, 2, "€".repeat(fitting)));
        }
    }

    @Test
    void aCloseWithoutAReasonFitsItsThreeNumbersAndALength() {
        WireWriter out = new WireWriter().wrap(target, 0, 4);
        FrameWriter.writeConnectionClose(out, false, 1, 2, FrameRecorder.utf8("reason"));
        assertThat(HexFormat.of().formatHex(target, 0, out.written())).isEqualTo("1c010200");
    }

    // docs/PROTOCOL.md, section 8.13
    @Test
    void theLongestIntroductionFitsAnyPacket() {
        InetSocketAddress longest = new InetSocketAddress("2001:db8::1", 1);
        PunchOffer offer = new PunchOffer(PunchNonce.ZERO, NatBehaviour.NONE, Collections.nCopies(8, longest));
        PeerIdentity identity = PeerIdentity.of(new byte[PeerIdentity.LENGTH]);
        assertThat(FrameWriter.introductionSize(new IntroductionFrame.Introduce(VarInt.MAX, identity, offer)))
                .isEqualTo(IntroductionFrame.MAX_SIZE)
                .isLessThan(1200 - 33);
    }

    @Test
    void anOfferHasAtMostEightResolvedCandidates() {
        InetSocketAddress address = new InetSocketAddress("192.0.2.1", 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PunchOffer(PunchNonce.ZERO, NatBehaviour.NONE, Collections.nCopies(9, address)))
                .withMessageStartingWith("9 candidates, at most 8 fit");
        List<InetSocketAddress> name = List.of(InetSocketAddress.createUnresolved("example.org", 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PunchOffer(PunchNonce.ZERO, NatBehaviour.NONE, name))
                .withMessageContaining("example.org")
                .withMessageContaining("resolve it");
    }

    // RFC 9000 §19.8
    @Test
    void anOffsetOfZeroIsLeftOut() {
        WireWriter out = new WireWriter().wrap(target, 0, target.length);
        FrameWriter.writeStreamHeader(out, 4, 0, 300, true);
        assertThat(HexFormat.of().formatHex(target, 0, out.written())).isEqualTo("0b04412c");
    }
}
