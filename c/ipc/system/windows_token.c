/* The token of a worker on Windows: a restricted version of its host's, with which it is started.
 *
 *      host's token      user ─ groups ─ privileges
 *      worker's token    user ─ groups, most of them to refuse by alone ─ one privilege, for a
 *                        while
 *
 * Idea. A group that is there "to deny only" opens nothing, and what is closed to it stays closed.
 * So a worker of an administrator's program is no administrator, and whatever a group may read or
 * change is shut to it, but for what everybody or every user of the machine may: system libraries
 * are such things, and it must load them. All privileges are left out but the one to pass through
 * folders, which the worker gives up by itself later (windows_sandbox.c).
 *
 * No privilege is needed for that: a program may always start another with a restricted version of
 * its own token. There are no restricting names in it (a second list, which each access would have
 * to satisfy as well): the worker would have to load its libraries before them, by a token of its
 * thread's. The user's own files stay open to it.
 *
 * Whether a system did as it was told is seen in the worker, from its own token.
 *
 * Reference: Microsoft's documentation of CreateRestrictedToken and CreateProcessAsUserW.
 */
#include "ipc/system/windows.h"

/* The most that a token can be, by the system's own limit, and more. */
enum { GROUPS_ROOM = 64 * 1024 };

static TOKEN_GROUPS *groups_of(HANDLE token)
{
    static _Alignas(16) uint8_t room[GROUPS_ROOM]; /* one thread: the supervisor's, or a worker's */
    DWORD size;
    TOKEN_GROUPS *groups = (TOKEN_GROUPS *)(void *)room;
    return GetTokenInformation(token, TokenGroups, groups, sizeof room, &size) ? groups : NULL;
}

/* What a program cannot start without, and gives nothing that others do not have. */
static bool is_common(const SID_AND_ATTRIBUTES *group)
{
    static const WELL_KNOWN_SID_TYPE common[] = {WinWorldSid, WinAuthenticatedUserSid,
                                                 WinBuiltinUsersSid};
    if (group->Attributes & (SE_GROUP_INTEGRITY | SE_GROUP_LOGON_ID)) {
        return true;
    }
    for (uint32_t i = 0; i < sizeof common / sizeof *common; i++) {
        if (IsWellKnownSid(group->Sid, common[i])) {
            return true;
        }
    }
    return false;
}

/* Of an administrator's program, a token and all that is made with it belong to the administrators,
 * of whom the worker is none any more. It must reach its own: its user may do all to them, and the
 * system. */
static bool belong_to_user(HANDLE token)
{
    enum { ROOM = 512 };
    static _Alignas(16) uint8_t user_room[ROOM];
    static _Alignas(16) uint8_t list_room[ROOM];
    static _Alignas(16) uint8_t system[SECURITY_MAX_SID_SIZE];
    TOKEN_USER *user = (TOKEN_USER *)(void *)user_room;
    ACL *list = (ACL *)(void *)list_room;
    TOKEN_DEFAULT_DACL usual = {list};
    SECURITY_DESCRIPTOR security;
    DWORD size = sizeof system;
    return CreateWellKnownSid(WinLocalSystemSid, NULL, system, &size) &&
           GetTokenInformation(token, TokenUser, user, sizeof user_room, &size) &&
           InitializeAcl(list, sizeof list_room, ACL_REVISION) &&
           AddAccessAllowedAce(list, ACL_REVISION, GENERIC_ALL, user->User.Sid) &&
           AddAccessAllowedAce(list, ACL_REVISION, GENERIC_ALL, system) &&
           InitializeSecurityDescriptor(&security, SECURITY_DESCRIPTOR_REVISION) &&
           SetSecurityDescriptorDacl(&security, TRUE, list, FALSE) &&
           SetKernelObjectSecurity(token, DACL_SECURITY_INFORMATION, &security) &&
           SetTokenInformation(token, TokenDefaultDacl, &usual, sizeof usual);
}

HANDLE win_token_restrict(void)
{
    HANDLE own;
    HANDLE restricted = NULL;
    const DWORD rights = TOKEN_QUERY | TOKEN_DUPLICATE | TOKEN_ASSIGN_PRIMARY |
                         TOKEN_ADJUST_DEFAULT | READ_CONTROL | WRITE_DAC;
    if (!OpenProcessToken(GetCurrentProcess(), rights, &own)) {
        return NULL;
    }
    TOKEN_GROUPS *groups = groups_of(own);
    DWORD denied = 0;
    for (DWORD i = 0; groups && i < groups->GroupCount; i++) {
        if (!is_common(&groups->Groups[i])) {
            groups->Groups[denied++] = groups->Groups[i];
        }
    }
    if (groups && !CreateRestrictedToken(own, DISABLE_MAX_PRIVILEGE, denied, groups->Groups, 0,
                                         NULL, 0, NULL, &restricted)) {
        restricted = NULL;
    }
    (void)CloseHandle(own);
    if (restricted && !belong_to_user(restricted)) {
        (void)CloseHandle(restricted);
        restricted = NULL;
    }
    return restricted;
}

bool win_token_is_restricted(HANDLE token)
{
    const TOKEN_GROUPS *groups = groups_of(token);
    for (DWORD i = 0; groups && i < groups->GroupCount; i++) {
        const SID_AND_ATTRIBUTES *group = &groups->Groups[i];
        bool opens = (group->Attributes & SE_GROUP_ENABLED) != 0 &&
                     (group->Attributes & SE_GROUP_USE_FOR_DENY_ONLY) == 0;
        if (opens && !is_common(group)) {
            return false;
        }
    }
    return groups != NULL;
}
