package dev.tether.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.CloseReason;
import dev.tether.core.NatBehaviour;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionEstablishmentException.Reason;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.PeerContext;
import dev.tether.examples.transfer.TransferException;
import dev.tether.examples.transfer.TransferFailure;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;
import reactor.core.Exceptions;

/** What the command reads from a human, and shows to one. */
class TextTest {

    @ParameterizedTest
    @CsvSource({"500ms,PT0.5S", "10s,PT10S", "10,PT10S", "2m,PT2M", "1h,PT1H", "0s,PT0S"})
    void durationsAreRead(String text, Duration expected) {
        assertThat(Converters.duration(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "-1s", "1.5s", "10 s", "PT10S", "9999999999s"})
    void otherTextIsNoDuration(String text) {
        assertThatThrownBy(() -> Converters.duration(text)).isInstanceOf(TypeConversionException.class);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1400,1400", "64k,65536", "64KiB,65536", "256M,268435456", "1g,1073741824", "1T,1099511627776"})
    void sizesAreRead(String text, long expected) {
        assertThat(Converters.byteSize(text)).isEqualTo(new ByteSize(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "-1", "1.5M", "1 M", "99999999T", "0x10"})
    void otherTextIsNoSize(String text) {
        assertThatThrownBy(() -> Converters.byteSize(text)).isInstanceOf(TypeConversionException.class);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "0.05,0.05", "5%,0.05", "0.5%,0.005", "100%,1", "1.0E-4,0.0001"})
    void probabilitiesAreRead(String text, double expected) {
        assertThat(Converters.probability(text).value()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "%", "-1", "1.1", "101%", "5 %", "NaN", "half"})
    void otherTextIsNoProbability(String text) {
        assertThatThrownBy(() -> Converters.probability(text)).isInstanceOf(TypeConversionException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0 B",
        "999,999 B",
        "1000,1.0 kB",
        "999949,999.9 kB",
        "999950,1.0 MB",
        "268435456,268.4 MB",
        "9223372036854775807,9223372.0 TB"
    })
    void sizesAreShownInPowersOfTen(long bytes, String expected) {
        assertThat(ByteSize.text(bytes)).isEqualTo(expected);
    }

    @Test
    void aRateOverNoTimeIsNoDivisionByZero() {
        assertThat(ByteSize.rate(0, 0)).isEqualTo("0 B/s");
    }

    @Test
    void whatATerminalWouldObeyIsShownInstead() {
        assertThat(Printable.of("a\u001b[2J\r\nb\u202ec ü🙂")).isEqualTo("a\\u001b[2J\\u000d\\u000ab\\u202ec ü🙂");
    }

    @Test
    void longTextIsCut() {
        assertThat(Printable.of("x".repeat(1000))).isEqualTo("x".repeat(400) + "… (1000 characters)");
    }

    @Test
    void aMessageIsShownAsTextOrAsBytes() {
        assertThat(Printable.message(Unpooled.copiedBuffer("grüße", StandardCharsets.UTF_8)))
                .isEqualTo("grüße");
        assertThat(Printable.message(Unpooled.wrappedBuffer(new byte[] {0, (byte) 0xff})))
                .isEqualTo("2 bytes: 00 ff");
        byte[] many = new byte[100];
        many[0] = (byte) 0x80;
        assertThat(Printable.message(Unpooled.wrappedBuffer(many)))
                .startsWith("100 bytes: 80 00 ")
                .endsWith(" 00…");
    }

    @Test
    void anErrorIsItsClassItsReasonAndItsMessage() {
        assertThat(ErrorReport.describe(new ConnectionLostException(
                        ConnectionLostException.Reason.IDLE_TIMEOUT, "silent for 10 s", PeerContext.NONE)))
                .isEqualTo("ConnectionLost/IDLE_TIMEOUT: silent for 10 s");
        assertThat(ErrorReport.describe(new TransferException(TransferFailure.NO_SPACE, "full")))
                .isEqualTo("Transfer/NO_SPACE: full");
        assertThat(ErrorReport.describe(new IllegalStateException())).isEqualTo("IllegalStateException");
    }

    @Test
    void withoutADirectPathBothNatsAreNamedWithWhatHelps() {
        assertThat(ErrorReport.describe(ConnectionEstablishmentException.noDirectPath(
                        NatBehaviour.ENDPOINT_DEPENDENT, NatBehaviour.ENDPOINT_INDEPENDENT, "none", PeerContext.NONE)))
                .startsWith(
                        "ConnectionEstablishment/NO_DIRECT_PATH: peer was introduced, but no path between both works: this"
                                + " side is behind a symmetric NAT, the peer behind a cone NAT. Forward a UDP port ");
        assertThat(ErrorReport.describe(ConnectionEstablishmentException.noDirectPath(
                        NatBehaviour.NONE, NatBehaviour.UNKNOWN, "none", PeerContext.NONE)))
                .contains(
                        "this side is behind no NAT, the peer behind an unknown NAT. Allow UDP in the firewalls of both, forward a UDP port ");
    }

    @Test
    void whyNoGatewayAnsweredIsSaid() {
        assertThat(ErrorReport.describe(new ConnectionEstablishmentException(
                        Reason.NO_GATEWAY,
                        0,
                        "no gateway has answered",
                        PeerContext.NONE,
                        new ConnectionEstablishmentException(Reason.TIMED_OUT, 0, "silent", PeerContext.NONE))))
                .startsWith(
                        "ConnectionEstablishment/NO_GATEWAY: no gateway has answered (ConnectionEstablishment/TIMED_OUT:"
                                + " silent). Is the gateway of --via running");
    }

    @Test
    void whatAPeerSaysIsOneLineToo() {
        CloseReason reason = new CloseReason(true, true, 1, "two\nlines\u001b[31m");

        assertThat(ErrorReport.describe(new ConnectionClosedException(reason, PeerContext.NONE)))
                .isEqualTo("ConnectionClosed: the connection was closed by the peer with code 1: two lines\\u001b[31m");
    }

    @Test
    void wrappersAreTakenOffAnError() {
        Exception cause = new NoSuchFileException("/a");

        assertThat(ErrorReport.describe(Exceptions.propagate(cause))).isEqualTo("there is no /a");
        assertThat(ErrorReport.describe(new ExecutionException(new IOException("broken"))))
                .isEqualTo("broken");
    }
}
