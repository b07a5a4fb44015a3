namespace Emulator.Functions;

/// <summary>
/// A message could not be settled by a function. Stands where the cloud host raises <c>Grpc.Core.RpcException</c>, with that
/// exception's text form; a function that tells the two apart by type would not work in the cloud.
/// </summary>
public sealed class SettlementException : Exception
{
    private SettlementException(string statusCode, string detail, Exception? inner)
        : base($"Status(StatusCode=\"{statusCode}\", Detail=\"{detail}\")", inner) => StatusCode = statusCode;

    /// <summary><c>Unknown</c> when the broker or the client refused, <c>FailedPrecondition</c> when the invocation does not hold the message.</summary>
    public string StatusCode { get; }

    internal static SettlementException Refused(Exception reason) => new("Unknown", reason.ToString(), reason);

    internal static SettlementException NotHeld(string lockToken) => new("FailedPrecondition", $"LockToken {lockToken} not found.", null);
}
