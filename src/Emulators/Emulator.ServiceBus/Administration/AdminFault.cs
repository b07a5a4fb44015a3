using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Administration;

/// <summary>Why an administration request was refused, in the codes that official clients map.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="SubCode">Five digits that the detail carries; clients tell some faults of one status apart by it.</param>
/// <param name="Detail">What was expected and what came.</param>
internal sealed record AdminFault(int Status, int SubCode, string Detail)
{
    public static AdminFault Bad(string detail) => new(400, 40000, detail);

    public static AdminFault Unauthorized(string detail) => new(401, 40100, detail);

    public static AdminFault NotFound(string host, string path) => new(
        404, 40400, $"The messaging entity 'sb://{host}/{path}' could not be found.");

    public static AdminFault Exists(string path) => new(
        409, 40900, $"The messaging entity '{path}' already exists. Use If-Match to update it.");

    public static AdminFault Withheld(string path, string reason) =>
        new(409, 40900, $"The messaging entity '{path}' cannot be made: {reason}.");

    public static AdminFault NotAllowed(string method, string path) => new(405, 40500, $"Method {method} is not expected on '{path}'.");

    /// <summary>What an entity says; null when it did as it was asked.</summary>
    public static AdminFault? Of(EntityFault fault, string host, string path) => fault switch
    {
        EntityFault.None => null,
        EntityFault.EntityNotFound => NotFound(host, path),
        EntityFault.StorageFailed => new(503, 50000, $"'{path}' could not be stored: the disk is full or fails. Try again later."),
        EntityFault.RuleNotFound => NotFound(host, path),
        EntityFault.RuleExists => Exists(path),
        EntityFault.QuotaExceeded => new(403, 40300, $"A quota of '{path}' is exceeded."),
        EntityFault.LockLost or EntityFault.SessionLockLost or EntityFault.SessionIdMissing or EntityFault.MessageNotFound
            or EntityFault.Disabled or EntityFault.DeadLetterNotAllowed or EntityFault.PropertiesTooLarge =>
                Bad($"'{path}' refused the change: {fault}."),
    };
}
