package dev.tether.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerAddressTest {

    private static final String KEY = "mzxw6ytbmzxw6ytbmzxw6ytbmzxw6ytbmzxw6ytbmzxw6ytbmzxq";
    private static final PeerIdentity IDENTITY = PeerIdentity.parse(KEY);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.org:4433",
                "a_b-c.example:1",
                "127.0.0.1:65535",
                "[::1]:4433",
                "[2001:db8:0:1:2:3:4:5]:80",
                "[::ffff:192.0.2.1]:80",
                "[fe80::1%eth0]:80",
                "[::]:9"
            })
    void theTextFormIsGivenBack(String hostAndPort) {
        String text = "tether://" + KEY + "@" + hostAndPort;
        PeerAddress address = PeerAddress.parse(text);
        assertThat(address).hasToString(text);
        assertThat(address.identity()).isEqualTo(IDENTITY);
        assertThat(PeerAddress.of(IDENTITY, address.host(), address.port()))
                .isEqualTo(address)
                .hasSameHashCodeAs(address);
    }

    @Test
    void thePartsOfAnIpv6AddressComeWithoutBrackets() {
        PeerAddress address = PeerAddress.parse("tether://" + KEY + "@[::1]:4433");
        assertThat(address.host()).isEqualTo("::1");
        assertThat(address.port()).isEqualTo(4433);
    }

    @Test
    void schemeAndKeyAreReadInUpperCaseToo() {
        assertThat(PeerAddress.parse("TETHER://" + KEY.toUpperCase(Locale.ROOT) + "@host:1"))
                .hasToString("tether://" + KEY + "@host:1");
    }

    @Test
    void addressesDifferByEachOfTheirParts() {
        PeerAddress address = PeerAddress.of(IDENTITY, "host", 1);
        assertThat(address)
                .isNotEqualTo(PeerAddress.of(PeerIdentity.of(new byte[32]), "host", 1))
                .isNotEqualTo(PeerAddress.of(IDENTITY, "other", 1))
                .isNotEqualTo(PeerAddress.of(IDENTITY, "host", 2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "KEY@host:1                | does not start with 'tether://'; write tether://<52 characters of base32>@host:port",
                "http://KEY@host:1         | does not start with 'tether://'",
                "tether:KEY@host:1         | does not start with 'tether://'",
                "tether://host:1           | there is no '@' after a key; write tether://",
                "tether://@host:1          | there is no key before '@'; write tether://",
                "tether://abc@host:1       | it has 3 characters, a key has 52",
                "tether://KEY@host         | there is no ':port' after the host; write tether://",
                "tether://KEY@[::1]        | there is no ':port' after the host; write tether://",
                "tether://KEY@[::1]4433    | there is no ':port' after the host; write tether://",
                "tether://KEY@             | there is no ':port' after the host",
                "tether://KEY@host:        | the port '' is not a number from 1 to 65535",
                "tether://KEY@host:0       | the port '0' is not a number from 1 to 65535",
                "tether://KEY@host:65536   | the port '65536' is not a number from 1 to 65535",
                "tether://KEY@host:99999999999 | the port '99999999999' is not a number",
                "tether://KEY@host:-1      | the port '-1' is not a number",
                "tether://KEY@host:+1      | the port '+1' is not a number",
                "tether://KEY@host:1/path  | the port '1/path' is not a number",
                "tether://KEY@:1           | the host is empty; write a name",
                "tether://KEY@[]:1         | '' in brackets is not an IPv6 address",
                "tether://KEY@[host]:1     | 'host' in brackets is not an IPv6 address; write other hosts without brackets",
                "tether://KEY@[127.0.0.1]:1| '127.0.0.1' in brackets is not an IPv6 address",
                "tether://KEY@[::1:4433    | is not closed by ']'",
                "tether://KEY@::1:4433     | write an IPv6 address in brackets, for instance [::1]:4433",
                "tether://KEY@ho st:1      | has ' ' at position 3; a host has letters",
                "tether://KEY@a@b:1        | has '@' at position 2",
                "tether://KEY@bücher.de:1  | has 'ü' at position 2; a host has letters a-z, digits, '.', '-' and '_' (write an international name in its ASCII form, xn--…)"
            })
    void aBadTextIsRefusedWithItsFaultAndTheWayOut(String pattern, String complaint) {
        String text = pattern.replace("KEY", KEY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerAddress.parse(text))
                .withMessageContaining(complaint)
                .withMessageStartingWith("'" + text + "' is not a peer's address: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7::8",
                "12345::",
                "g::",
                "::1%",
                "::1%a]b",
                "::256.1.1.1",
                "::1.2.3",
                "1.2.3.4::",
                "::1:",
                ":1::",
                "::1.2.3.4:5",
                "::1.2.3.+4"
            })
    void aMalformedIpv6AddressIsRefused(String host) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerAddress.of(IDENTITY, host, 1))
                .withMessage("the host '" + host + "' is not an IPv6 address");
    }

    @Test
    void aHostLongerThanAnyNameIsRefused() {
        assertThat(PeerAddress.of(IDENTITY, "a".repeat(255), 1).host()).hasSize(255);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerAddress.of(IDENTITY, "a".repeat(256), 1))
                .withMessageContaining("256 characters, at most 255");
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 65_536})
    void aPortOutsideItsRangeIsRefused(int port) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PeerAddress.of(IDENTITY, "host", port))
                .withMessage("port " + port + " is not in 1 to 65535");
    }
}
