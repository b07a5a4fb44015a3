using Emulator.FunctionsHost.Protocol;

namespace Emulator.FunctionsHost.Worker;

/// <summary>An exception of the worker's process, as it described it.</summary>
internal sealed class RemoteException(RpcException remote) : Exception(Describe(remote))
{
    /// <summary>Full name of its type; empty where the worker did not say.</summary>
    public string RemoteType => remote.Type;

    /// <summary>As it came, for a retry's context.</summary>
    public RpcException Remote => remote;

    public override string ToString() => remote.StackTrace.Length == 0 ? Message : $"{Message}{Environment.NewLine}{remote.StackTrace}";

    private static string Describe(RpcException remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        return remote.Type.Length == 0 ? remote.Message : $"{remote.Type}: {remote.Message}";
    }
}
