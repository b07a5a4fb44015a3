using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.KeyVault;

/// <summary>Where a <see cref="KeyVaultEmulator"/> listens and what it keeps.</summary>
public sealed class KeyVaultEmulatorOptions
{
    /// <summary>A loopback address, since any well-formed token is let in. Default 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 to 65535; 0, the default, takes any free port.</summary>
    public int Port { get; init; }

    /// <summary>
    /// Folder that keeps certificate and keys over restarts, private parts
    /// included, readable by this user only. It is made if absent and held
    /// by one emulator at a time. Null, the default, keeps everything in memory.
    /// </summary>
    public string? StateFolder { get; init; }

    /// <summary>
    /// Port that addresses in answers name, where clients reach the emulator by something in front of it; null, the default, for its own.
    /// </summary>
    public int? AdvertisedPort { get; init; }

    /// <summary>
    /// Asked once for each request: true has it refused as by a service that has too much to do, 429 and 503 by turns, with
    /// <c>Retry-After</c>. Null, the default, for none.
    /// </summary>
    public Func<bool>? IsBusy { get; init; }

    /// <summary>The clock of attributes, of token expiry, of the certificate and of the answers' dates. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where logs go. Default nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
