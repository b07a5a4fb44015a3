using Azure;

namespace Emulator.KeyVault.Tests;

/// <summary>What the service's refusals look like through the client.</summary>
internal static class VaultAssert
{
    public static async Task<RequestFailedException> RefusedAsync(int status, string code, Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<RequestFailedException>(call);
        Assert.Equal(status, exception.Status);
        Assert.Equal(code, exception.ErrorCode);
        return exception;
    }

    /// <param name="innerCode">Only in the raw answer: the client does not surface it.</param>
    public static async Task ForbiddenAsync(string innerCode, Func<Task> call)
    {
        var exception = await RefusedAsync(403, "Forbidden", call);
        Assert.Contains(
            $"\"innererror\":{{\"code\":\"{innerCode}\"}}", exception.GetRawResponse()!.Content.ToString(), StringComparison.Ordinal);
    }
}
