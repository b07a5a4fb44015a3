using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Emulator.KeyVault.Tests;

/// <summary>The vault is printed as <c>localhost</c>, and answers wherever that name leads.</summary>
public sealed class LoopbackTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Start_OnLoopback_AnswersAtBothAddresses(string address)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var vault = await VaultFixture.StartAsync(null);
        using var socket = new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Parse(address), vault.Emulator.VaultUri.Port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(new NetworkStream(socket), false, (_, certificate, _, _) =>
            certificate!.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256)
                .Equals(vault.Emulator.CertificateThumbprint, StringComparison.OrdinalIgnoreCase));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost" }, TestContext.Current.CancellationToken);
        Assert.True(tls.IsAuthenticated);
    }
}
